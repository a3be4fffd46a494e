/** What an error is to those who meet it. */
export interface ErrorEntry {
  status: number;
  title: string;
  cause: string;
  remedy: string;
}

export const entry = (status: number, title: string, cause: string, remedy: string): ErrorEntry => ({
  status,
  title,
  cause,
  remedy,
});
