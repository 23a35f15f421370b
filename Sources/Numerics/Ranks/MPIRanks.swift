import Foundation
import Synchronization

/// The ranks of an Open MPI job, as `srun --mpi=pmix` and `mpirun` start them.
///
/// Open MPI is loaded only where a launcher has started several processes, so that no other command needs it.
/// Its constants are the addresses of objects in the library; another implementation of MPI has others.
public final class MPIRanks: Ranks, @unchecked Sendable {
  /// The reason why the processes of a job do not find each other.
  public enum Failure: Error, CustomStringConvertible {
    /// Open MPI is not installed; the loader's reason.
    case noLibrary(String)
    /// The library lacks a function or an object.
    case noSymbol(String)
    /// A function has failed.
    case failed(String, code: Int32)
    /// The launcher has started several processes, each of which believes that it is alone.
    case strangers(told: Int)

    /// One sentence.
    public var description: String {
      switch self {
      case .noLibrary(let reason):
        "this is one of several processes of an MPI job, but Open MPI cannot be loaded: \(reason) (on Debian "
          + "'apt-get install openmpi-bin' installs it)"
      case .noSymbol(let name): "the MPI library that is loaded is not Open MPI: it has no \(name)"
      case .failed(let name, let code): "\(name) has failed with \(code)"
      case .strangers(let told):
        "the launcher has started \(told) processes that do not find each other: start them with 'srun --mpi=pmix'"
      }
    }
  }

  private typealias Handle = UnsafeMutableRawPointer
  private typealias Exchange =
    @convention(c) (
      UnsafeRawPointer?, Int32, Handle, UnsafeMutableRawPointer?, Int32, Handle, Handle
    ) -> Int32

  /// The number of processes.
  public let count: Int
  /// The place of this one.
  public let own: Int
  private let world, floats, doubles: Handle
  private let allGather, allToAll: Exchange
  private let end: @convention(c) (Handle, Int32) -> Int32
  private let finalize: @convention(c) () -> Int32

  /// The number of processes that a launcher says it has started with this one.
  private static var told: Int {
    let environment = ProcessInfo.processInfo.environment
    let counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].compactMap { environment[$0].flatMap { Int($0) } }
    if let count = counts.first { return count }
    // srun tells its processes the number of a step's tasks; sbatch tells its script that of the job's.
    guard environment["PMIX_RANK"] != nil || environment["SLURM_STEP_NUM_TASKS"] != nil else { return 1 }
    return environment["SLURM_STEP_NUM_TASKS"].flatMap { Int($0) } ?? 1
  }

  /// Whether a launcher has started this process as one of several.
  public static var isOneOfSeveral: Bool { told > 1 }

  /// Joins the processes that a launcher has started with this one; a single rank where it has started none.
  ///
  /// - Throws: ``Failure``.
  public static func join() throws(Failure) -> any Ranks {
    let told = told
    guard told > 1 else { return SingleRank() }
    let ranks = try MPIRanks()
    guard ranks.count == told else { throw .strangers(told: told) }
    return ranks
  }

  private init() throws(Failure) {
    let mode = RTLD_NOW | RTLD_GLOBAL
    guard let library = dlopen("libmpi.so.40", mode) ?? dlopen("libmpi.so", mode) else {
      throw .noLibrary(dlerror().map { String(cString: $0) } ?? "libmpi.so.40 is not there")
    }
    func symbol(_ name: String) throws(Failure) -> Handle {
      guard let symbol = dlsym(library, name) else { throw .noSymbol(name) }
      return symbol
    }
    typealias Initialize = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
    typealias Ask = @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
    world = try symbol("ompi_mpi_comm_world")
    floats = try symbol("ompi_mpi_float")
    doubles = try symbol("ompi_mpi_double")
    allGather = unsafeBitCast(try symbol("MPI_Allgather"), to: Exchange.self)
    allToAll = unsafeBitCast(try symbol("MPI_Alltoall"), to: Exchange.self)
    end = unsafeBitCast(
      try symbol("MPI_Abort"), to: (@convention(c) (Handle, Int32) -> Int32).self)
    finalize = unsafeBitCast(try symbol("MPI_Finalize"), to: (@convention(c) () -> Int32).self)
    let initialize = unsafeBitCast(try symbol("MPI_Init"), to: Initialize.self)
    let size = unsafeBitCast(try symbol("MPI_Comm_size"), to: Ask.self)
    let rank = unsafeBitCast(try symbol("MPI_Comm_rank"), to: Ask.self)
    let code = initialize(nil, nil)
    guard code == 0 else { throw .failed("MPI_Init", code: code) }
    var (number, place): (Int32, Int32) = (0, 0)
    _ = size(world, &number)
    _ = rank(world, &place)
    (count, own) = (Int(number), Int(place))
  }

  /// Takes leave of the others; called once, when all are done.
  public func leave() { _ = finalize() }

  /// Returns what each process gives.
  public func gather(_ values: [Double]) -> [[Double]] {
    var all = [Double](repeating: 0, count: values.count * count)
    let code = allGather(values, Int32(values.count), doubles, &all, Int32(values.count), doubles, world)
    precondition(code == 0, "MPI_Allgather has failed with \(code)")
    return (0..<count).map { Array(all[$0 * values.count..<($0 + 1) * values.count]) }
  }

  /// Sends a slice to each process.
  public func exchange(_ values: [Float], into slices: inout [Float]) {
    precondition(
      values.count % count == 0 && slices.count == values.count && values.count / count <= Int32.max,
      "\(values.count) values to exchange")
    let slice = Int32(values.count / count)
    let code = allToAll(values, slice, floats, &slices, slice, floats, world)
    precondition(code == 0, "MPI_Alltoall has failed with \(code)")
  }

  /// Puts the slices of all processes behind each other.
  public func join(_ slice: [Float], into all: inout [Float]) {
    precondition(
      all.count == slice.count * count && slice.count <= Int32.max, "\(slice.count) values to join")
    let code = allGather(slice, Int32(slice.count), floats, &all, Int32(slice.count), floats, world)
    precondition(code == 0, "MPI_Allgather has failed with \(code)")
  }

  /// Ends all processes.
  public func abort(code: Int32) -> Never {
    _ = end(world, code)
    exit(code)
  }
}
