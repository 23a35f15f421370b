// Filled in by the first build.
