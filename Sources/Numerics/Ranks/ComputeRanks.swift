import Synchronization

/// The processes among which trainings are shared; set once at the start of a command.
public enum ComputeRanks {
  private static let setting = Mutex<any Ranks>(SingleRank())

  /// The processes; this one alone unless a launcher has started several.
  public static var current: any Ranks {
    get { setting.withLock { $0 } }
    set { setting.withLock { $0 = newValue } }
  }
}
