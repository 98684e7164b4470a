// Import this first: Powertools reads its settings when it is loaded. A test that wants others has set them before.
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
process.env.POWERTOOLS_METRICS_NAMESPACE ??= 'Weir/test';
process.env.POWERTOOLS_SERVICE_NAME ??= 'test';
