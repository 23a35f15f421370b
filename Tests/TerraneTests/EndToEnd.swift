import Testing

/// The built command on real files, as cron runs it.
@Suite(
  "The command from scenes to maps",
  .enabled(if: TerraneCommand.isBuilt, "the command is not built beside the tests"))
struct EndToEnd {}
