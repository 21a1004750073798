// What the server refuses, as one kind of error: it answers problem+json, and older parts `{"error": {…}}`.

interface Told {
  code?: string;
  message?: string;
  field?: string;
}

interface Known {
  status: number;
  message: string;
  code?: string | undefined;
  field?: string | undefined;
  /** Seconds after which it may be tried again. */
  retryAfter?: number | undefined;
  /** All that was answered. */
  body?: Readonly<Record<string, unknown>> | undefined;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;

  constructor({ status, message, code, field, retryAfter, body = {} }: Known) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
    this.body = body;
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
  return new ApiError({
    status: response.status,
    message:
      text(problem.detail) ??
      text(inner.message) ??
      text(problem.title) ??
      (response.statusText || `${response.status}`),
    code: text(problem.code) ?? text(inner.code),
    field: text(problem.field) ?? text(inner.field),
    retryAfter: wait > 0 ? wait : undefined,
    body: problem,
  });
}
