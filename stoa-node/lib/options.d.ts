/** A whole number that is at least `least`. */
export declare function atLeast(least: number, field: string, value: number): number;
