export const REDIS_VERSION = '8.0.3'
