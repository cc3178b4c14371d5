export const optionHexes: readonly string[];
