import ArgumentParser
import Foundation
import Host
import Pipelines
import Runs
import Scenes

/// The process's entry point.
@main
enum Main {
  static func main() {
    StandardStream.prepare()
    // Not by `exit`, which runs what libraries have left to be done: where memory was too little for them it
    // never returned. Nothing is left to be written: text goes out when it is said.
    let code = Main.run()
    UnpackedArchives.shared.remove()
    _exit(code)
  }

  /// Runs the command that the arguments name, and gives the code that the process ends with.
  private static func run() -> Int32 {
    do {
      try AddressSpace.checkStack()
      let arguments = try Arguments.all()
      try Terrane.checkCommand(arguments.first)
      var command = try Terrane.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let error as any ExitCoded {
      CommandExit.say("terrane: \(error.description.visibleLine)")
      return error.exitCode.rawValue
    } catch {
      return end(error)
    }
  }

  /// Ends the process on an error that ArgumentParser throws: help and the version, which were asked for, and
  /// mistakes in the arguments.
  private static func end(_ error: any Error) -> Int32 {
    let (text, code) = (Terrane.fullMessage(for: error), Terrane.exitCode(for: error))
    guard !text.isEmpty else { return code.rawValue }
    guard code.isSuccess else {
      CommandExit.say(text)
      return code.rawValue
    }
    do {
      try CommandExit.show(text + "\n")
      return 0
    } catch {
      return CommandExit.code(ofUnwritten: error)
    }
  }
}
