/** Tracing where it is asked for: nothing of OpenTelemetry is loaded where it is not. */
import type { OpenTracing, TracingNews, TracingSettings } from './settings.js';

export const openTracing = async (
  settings: TracingSettings | null,
  part: string,
  news: TracingNews,
): Promise<OpenTracing | null> => {
  if (!settings) return null;
  const { startTracing } = await import('./opentelemetry.js');
  return startTracing(settings, part, news);
};
