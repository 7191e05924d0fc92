/** The data of one drawing, as ../interactive-data.ts writes them into the page. */
interface PlotData {
  title: string;
  names: [reference: string, test: string];
  axes: [x: AxisData, y?: AxisData];
  isProfile: boolean;
  reference: CellData;
  test: CellData;
}

interface AxisData {
  bins: number;
  low: number;
  high: number;
  title: string;
  /** One per bin, empty for a bin without; absent where no bin has one. */
  labels?: string[];
  /** Absent where all bins are equally wide. */
  edges?: number[];
}

/** Underflow and overflow included. */
interface CellData {
  entries: number;
  contents: number[];
  /** Squared errors; absent where they are the contents. */
  squares?: number[];
}
