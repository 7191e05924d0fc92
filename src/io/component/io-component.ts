/** The contract between components that own files and the manager that moves them to a worker (Gaudi: IIoComponent). */

/** What a component learns when it must open its files again. */
export interface IoReinit {
  /** The path under which a registered file is to be opened now (io_retrieve). UsageError for a file that is not registered. */
  retrieve: (name: string) => string;
  /** False: what was filled before belongs to another worker; only the booking is kept. */
  keepContent: boolean;
}

/** A component that reads or writes files. */
export interface IoComponent {
  readonly name: string;
  /** Opens inputs again, and outputs anew under their new paths; what was booked moves along. */
  ioReinit(context: IoReinit): void;
  /** Writes and closes the outputs. */
  ioFinalize(): void;
}
