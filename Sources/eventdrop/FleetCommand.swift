internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Fleet
internal import Operations
internal import Settings
internal import Time

struct FleetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "Several machines that share one set of identities.",
    subcommands: [Begin.self, Show.self, Forget.self])

  struct Begin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init", abstract: "Make the tables in the database of fleet.url; what is there stays as it is.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Print the statements, for a person to run, and do nothing.")
    var print = false

    func run() async throws {
      guard !print else {
        LineWriter.standardOutput.write(lines: FleetSchema.statements.split(separator: "\n").map(String.init))
        return
      }
      try file.askingFleet { desk throws(LedgerFailure) in try desk.makeTables() }
      LineWriter.standardOutput.write(lines: ["the tables are there; each machine joins at its next start"])
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "List the machines that share their identities.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "For programs: one JSON object.")
    var json = false

    func run() async throws {
      let machines = try file.askingFleet { desk throws(LedgerFailure) in try desk.machines() }
      let output = LineWriter.standardOutput
      guard !json else {
        let list = machines.map { machine in
          JSONOutput.object([
            ("node", .text(machine.node)), ("state", .text(machine.state.rawValue)),
            ("seenSecondsAgo", .number(Int(machine.seen.components.seconds))),
            ("counter", .number(Int(machine.counter))), ("records", .number(machine.holding?.records)),
            ("pending", .number(machine.holding?.pending)),
          ])
        }
        return output.write(lines: [JSONOutput.object([("machines", .array(list))]).text])
      }
      var table = TextTable([
        .init(title: "machine", isFlexible: true), .init(title: "state"), .init(title: "seen", isNumber: true),
        .init(title: "records", isNumber: true), .init(title: "pending", isNumber: true),
        .init(title: "statements", isNumber: true),
      ])
      func number(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }
      for machine in machines {
        table.add([
          (machine.node, .plain), (machine.state.rawValue, machine.state == .awaited ? .bad : .plain),
          ("\(DurationText.text(of: machine.seen)) ago", .plain), (number(machine.holding?.records), .plain),
          (number(machine.holding?.pending), .plain), ("\(machine.counter)", .plain),
        ])
      }
      table.print()
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forget",
      abstract: "Wait no longer for a machine that is never back.",
      discussion: """
        After a database was restored, nobody stores before all machines have put back what they have. Events that only \
        the forgotten machine has stored, and that the database has lost, are stored again where they are dropped again.
        """)

    @OptionGroup var file: ConfigurationOption

    @Argument(help: "The machine, as 'eventdrop fleet status' has it.")
    var machine: String

    func run() async throws {
      let machine = machine
      guard try file.askingFleet({ desk throws(LedgerFailure) in try desk.forget(machine) }) else {
        throw CommandFailure(.unfinished, "no machine is called '\(machine)'; see \(file.command("fleet status"))")
      }
    }
  }
}

extension ConfigurationOption {
  /// Queries the fleet's database.
  ///
  /// - Throws: `CommandFailure`.
  func askingFleet<Answer>(
    _ ask: (FleetDesk) throws(LedgerFailure) -> Answer
  ) throws(CommandFailure) -> Answer {
    let configuration = try load(.sharing)
    guard let options = configuration.fleetOptions else {
      let message = Message(CommandMessage.standsAlone)
      throw CommandFailure(.configuration, message.sentence(in: configuration.language))
    }
    do throws(LedgerFailure) {
      return try ask(FleetDesk(options, clock: SystemClock()))
    } catch {
      throw CommandFailure(.unfinished, "\(error)")
    }
  }
}
