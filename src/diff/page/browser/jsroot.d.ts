/** What the page uses of JSROOT's bundle for one and two dimensions, which stands in the page as a script of its own. */
declare const JSROOT: {
  /** Makes an object with the methods of its class from the text of its members. */
  parse: (json: string) => object;
  TH1Painter: { draw: (element: Element, histogram: object, option: string) => Promise<unknown> };
  TH2Painter: { draw: (element: Element, histogram: object, option: string) => Promise<unknown> };
  /** Ends what was drawn in an element. */
  cleanup: (element: Element) => void;
};
