/** Whether a value matches a pattern in which `*` stands for anything, whatever the case. */
export function matchesWildcard(value: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`, "iu").test(value);
}

/**
 * Whether a value meets a condition as the helpdesk reads search terms: `||` or, `&&` and `+` and, `!` not, parentheses,
 * `*` wildcard; blanks are part of a term. So the exact id `A+B (C)` is three terms and finds nothing.
 */
export function meetsCondition(value: string, condition: string): boolean {
  const tokens = condition.split(/(\|\||&&|\+|!|\(|\))/).filter((token) => token.trim() !== "");
  let position = 0;

  function either(): boolean {
    let result = both();
    while (tokens[position] === "||") {
      position += 1;
      const right = both();
      result = result || right;
    }
    return result;
  }

  function both(): boolean {
    let result = single();
    while (position < tokens.length && tokens[position] !== "||" && tokens[position] !== ")") {
      if (tokens[position] === "&&" || tokens[position] === "+") position += 1;
      const right = single();
      result = result && right;
    }
    return result;
  }

  function single(): boolean {
    const token = tokens[position++];
    if (token === undefined) return false;
    if (token === "!") return !single();
    if (token !== "(") return matchesWildcard(value, token.trim());
    const result = either();
    if (tokens[position] === ")") position += 1;
    return result;
  }

  return either();
}
