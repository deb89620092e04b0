/** The kernel that nodes have, as their status and all that runs on them tell it. */
export const KERNEL_RELEASE = '6.12.0-quayside'
