import type { Mark, RecordType } from "./world-state.ts";

/** The add-on's owner marks, found by key or by row. */
export class Marks {
  private readonly byKey: Map<string, Mark>;

  constructor(marks: readonly Mark[]) {
    this.byKey = new Map(marks.map((mark) => [at(mark.type, mark.key), mark]));
  }

  /** The mark on a key, whether or not there is a record. */
  on(type: RecordType, key: string): Mark | undefined {
    return this.byKey.get(at(type, key));
  }

  /** The marks of one row; more than one when the row has got another record. */
  ofRow(type: RecordType, instance: string, rowId: string): Mark[] {
    return [...this.byKey.values()].filter(
      (mark) => mark.type === type && mark.instance === instance && mark.rowId === rowId,
    );
  }

  /** Marks a key, whoever had it before. */
  put(mark: Mark): void {
    this.byKey.set(at(mark.type, mark.key), mark);
  }

  /** The mark follows its record to another key; one that stood there is nobody's. */
  rename(type: RecordType, from: string, to: string): void {
    const mark = this.on(type, from);
    this.byKey.delete(at(type, from));
    this.byKey.delete(at(type, to));
    if (mark !== undefined) this.put({ ...mark, key: to });
  }

  /** All of them, to be kept. */
  list(): Mark[] {
    return [...this.byKey.values()];
  }
}

function at(type: RecordType, key: string): string {
  return `${type} ${key}`;
}

/** A mark as answers tell it. */
export function ownerOf(mark: Mark | undefined): { Instance: string; RowId: string } | null {
  return mark === undefined ? null : { Instance: mark.instance, RowId: mark.rowId };
}
