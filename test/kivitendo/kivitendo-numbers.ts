/**
 * How kivitendo reads a number in a form, written down from its behaviour (SL/Helper/Number.pm, _parse_number) and held
 * to the measured values in `number-formats.json`: thousands' separators go, the decimal comma becomes a point, leading
 * zeros go, and what then is nothing but digits, operators and blanks is computed; everything else is 0.
 */
export const numberFormats = ["1.000,00", "1000,00", "1,000.00", "1000.00", "1'000.00"] as const;
export type NumberFormat = (typeof numberFormats)[number];

export function parseKivitendoNumber(input: string, format: NumberFormat): number {
  const decimalComma = format === "1.000,00" || format === "1000,00";
  let text = input;
  if (format === "1'000.00") text = text.replaceAll("'", "");
  text = decimalComma ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  text = text.replace(/^0+(?=[1-9])/, "");
  return /^[0-9()+\-*/. \t\r\n]+$/.test(text) ? new Expression(text).value() : 0;
}

/** A Perl expression of numbers, `+ - * / **`, parentheses and blanks; anything else is worth 0. */
class Expression {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(): number {
    try {
      const result = this.sum();
      this.blanks();
      return this.at === this.text.length && Number.isFinite(result) ? result : 0;
    } catch (error) {
      if (error instanceof SyntaxError) return 0;
      throw error;
    }
  }

  private blanks(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
  }

  private take(symbol: string): boolean {
    this.blanks();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }

  private sum(): number {
    let left = this.product();
    for (;;) {
      if (this.take("+")) left += this.product();
      else if (this.take("-")) left -= this.product();
      else return left;
    }
  }

  private product(): number {
    let left = this.signed();
    for (;;) {
      if (this.power()) throw new SyntaxError("** is taken by signed()");
      if (this.take("*")) left *= this.signed();
      else if (this.take("/")) left /= this.signed();
      else return left;
    }
  }

  private power(): boolean {
    this.blanks();
    return this.text.startsWith("**", this.at);
  }

  private signed(): number {
    // "--" is Perl's decrement, which a number cannot take.
    this.blanks();
    if (this.text.startsWith("--", this.at) || this.text.startsWith("++", this.at)) throw new SyntaxError("decrement");
    if (this.take("-")) return -this.signed();
    if (this.take("+")) return this.signed();
    const base = this.primary();
    return this.take("**") ? base ** this.signed() : base;
  }

  private primary(): number {
    if (this.take("(")) {
      const inner = this.sum();
      if (!this.take(")")) throw new SyntaxError("missing )");
      return inner;
    }
    this.blanks();
    // 00.5 is the octal 00, the operator that joins texts, and 5.
    const joined = /^(0[0-7]+)\.(\d+)/.exec(this.text.slice(this.at));
    if (joined !== null) {
      this.at += joined[0].length;
      return Number(`${Number.parseInt(joined[1] ?? "", 8)}${joined[2]}`);
    }
    const number = /^(\d+\.?\d*|\.\d+)/.exec(this.text.slice(this.at));
    if (number === null) throw new SyntaxError("number expected");
    this.at += number[0].length;
    return Number(number[0]);
  }
}
