import Testing

/// The built command on real files, as cron runs it. One test at a time: two runs would fight for the cores that some
/// tests take the time of.
@Suite(
  "The command from scenes to maps", .serialized,
  .enabled(if: TerraneCommand.isBuilt, "the command is not built beside the tests"))
struct EndToEnd {}
