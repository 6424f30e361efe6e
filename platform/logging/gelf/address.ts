/** Where GELF goes: `udp://`, `tcp://`, `tls://`, `http(s)://user:password@host:port/gelf`. */
export interface GelfAddress {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Of HTTP. */
  readonly path: string;
  /** The header of that name, where the URL has a user. */
  readonly authorization: string | null;
}

const transports = ['udp', 'tcp', 'tls', 'http', 'https'] as const;
export const gelfSchemes: readonly string[] = transports;
/** Graylog's own for every transport of GELF. */
const gelfPort = 12_201;
const webPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

const authorizationOf = ({ username, password }: URL): string | null => {
  if (username === '' && password === '') return null;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
};

/** @throws Error that says what is expected. */
export const gelfAddressOf = (url: string): GelfAddress => {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const transport = transports.find((name) => `${name}:` === parsed?.protocol);
  if (!parsed || !transport || parsed.hostname === '') {
    throw new Error(`expected ${transports.map((name) => `${name}://`).join(', ')}host:port`);
  }
  return {
    transport,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (webPorts[transport] ?? gelfPort) : Number(parsed.port),
    path: `${parsed.pathname === '/' || parsed.pathname === '' ? '/gelf' : parsed.pathname}${parsed.search}`,
    authorization: authorizationOf(parsed),
  };
};
