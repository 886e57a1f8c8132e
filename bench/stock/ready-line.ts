/** What the stock worker writes to standard output once it is registered. */
export const READY_LINE = 'stock worker registered';
