/** The layout that this version reads. */
export const FORMAT = 1;
