/** The interpreter inside the virtual environment. */
export declare const venvPython: string;
/** Creates or renews `.venv`; returns its interpreter. */
export declare function makeVenv(): string;
