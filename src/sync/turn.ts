// The turn of the event loop that an operation waits for after it has happened, when the time slice is spent.

/** The same promise, not before the turn has come, however it ends. */
export async function afterTurn<T>(happened: Promise<T>, turn: Promise<void>): Promise<T> {
  try {
    return await happened;
  } finally {
    await turn;
  }
}
