/* Empty: xxhash includes this where the compiler has it, and clang has it for ARM targets only. */
