/** A file imported as text (`import code from './page.js?raw'`), as Vite does it in tests and scripts/build.mjs in the build. */
declare module '*?raw' {
  const text: string;
  export default text;
}
