internal import ArgumentParser
internal import Catalog
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
      commandName: "init", abstract: "Create the tables in the database of fleet.url; existing ones are left unchanged."
    )

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "Print the SQL statements instead of running them.")
    var print = false

    func run() async throws {
      guard !print else {
        LineWriter.standardOutput.write(lines: FleetSchema.statements.split(separator: "\n").map(String.init))
        return
      }
      let (_, language) = try file.askingFleet { desk throws(LedgerFailure) in try desk.makeTables() }
      LineWriter.standardOutput.write(lines: [Message(CommandMessage.tablesReady).text(in: language)])
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "List the machines that share their identities.")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "For programs: one JSON object.")
    var json = false

    func run() async throws {
      let (machines, language) = try file.askingFleet { desk throws(LedgerFailure) in try desk.machines() }
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
      func text(_ code: CommandMessage) -> String { Message(code).text(in: language) }
      func ago(_ duration: Duration) -> String {
        Message(CommandMessage.ago, ["time": .text(DurationText.text(of: duration))]).text(in: language)
      }
      var table = TextTable([
        .init(title: text(.machine), isFlexible: true), .init(title: text(.status)),
        .init(title: text(.lastSeen), isNumber: true), .init(title: text(.recordCount), isNumber: true),
        .init(title: text(.pendingEvents), isNumber: true), .init(title: text(.counter), isNumber: true),
      ])
      func number(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }
      for machine in machines {
        table.add([
          (machine.node, .plain), (machine.state.rawValue, machine.state == .awaited ? .bad : .plain),
          (ago(machine.seen), .plain), (number(machine.holding?.records), .plain),
          (number(machine.holding?.pending), .plain), ("\(machine.counter)", .plain),
        ])
      }
      table.print()
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forget",
      abstract: "Stop waiting for a machine that will not come back.",
      discussion: """
        After the database was restored, no machine stores events until all of them have put back what they hold. An \
        event that only the forgotten machine has stored, and that the database has lost, is stored again if it is \
        dropped again.
        """)

    @OptionGroup var file: ConfigurationOption

    @Argument(help: "The machine's name, as 'eventdrop fleet status' shows it.")
    var machine: String

    func run() async throws {
      let machine = machine
      let (isForgotten, language) = try file.askingFleet { desk throws(LedgerFailure) in try desk.forget(machine) }
      guard isForgotten else {
        let message = Message(
          CommandMessage.noMachine, ["name": .text(machine), "command": .text(file.command("fleet status"))])
        throw CommandFailure(.unfinished, message.sentence(in: language))
      }
      let message = Message(CommandMessage.machineForgotten, ["name": .text(machine)])
      LineWriter.standardOutput.write(lines: [LogText.escaped(message.text(in: language))])
    }
  }
}

extension ConfigurationOption {
  /// Queries the fleet's database.
  ///
  /// - Returns: The answer, and the language in which to report it.
  /// - Throws: `CommandFailure`.
  func askingFleet<Answer>(
    _ ask: (FleetDesk) throws(LedgerFailure) -> Answer
  ) throws(CommandFailure) -> (answer: Answer, language: Language) {
    let configuration = try load(.sharing)
    guard let options = configuration.fleetOptions else {
      let message = Message(CommandMessage.standsAlone)
      throw CommandFailure(.configuration, message.sentence(in: configuration.language))
    }
    do throws(LedgerFailure) {
      return (try ask(FleetDesk(options, clock: SystemClock())), configuration.language)
    } catch {
      throw CommandFailure(.unfinished, error.message.sentence(in: configuration.language))
    }
  }
}
