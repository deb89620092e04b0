/** Of the engine. */
export const POSTGRES_VERSION = '18.6'
