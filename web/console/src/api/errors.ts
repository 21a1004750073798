// What the server refuses, as one kind of error: it answers problem+json, and older parts `{"error": {…}}`.

interface Told {
  code?: string;
  message?: string;
  field?: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | undefined,
    readonly field: string | undefined,
    /** Seconds after which it may be tried again. */
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }

  /** Whether nobody is signed in any more. */
  get signedOut(): boolean {
    return this.status === 401;
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

/** Reads either form; of a body that is neither, the status is all that is known. */
export function readProblem(response: Response, body: unknown): ApiError {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const inner = (typeof problem.error === "object" && problem.error !== null ? problem.error : {}) as Told;
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    text(problem.detail) ?? text(inner.message) ?? text(problem.title) ?? (response.statusText || `${response.status}`),
    text(problem.code) ?? text(inner.code),
    text(problem.field) ?? text(inner.field),
    wait > 0 ? wait : undefined,
  );
}
