import Glibc
import TestSupport
import Testing

/// `packaging/deb/build`, given a small program in the place of the one that `make program` takes minutes to build.
@Suite(.tags(.spawned), .serialized, .enabled(if: reasonToSkip == nil, "skipped, because \(reasonToSkip ?? "")"))
struct PackageTests {
  private static let version = "0.1.0~test"
  private static let packaging = "\(Repository.root)/packaging/deb/build"

  private let tree = TemporaryTree(in: "/tmp")

  /// Makes a package of a program that lies in a folder of its own.
  ///
  /// - Returns: The folder with the results.
  private func pack(in folder: String, from shell: String = "") async throws -> String {
    let program = try #require(StandIns.built("program"))
    let release = "\(folder)/release"
    // The notices of the program's packages are looked for beside it, as SwiftPM has them.
    tree.write("A notice.\n", to: "\(folder)/checkouts/a-package/NOTICE.txt")
    tree.write(try #require(tree.read(program)), to: "\(release)/eventdrop")
    #expect(chmod("\(tree.path)/\(release)/eventdrop", 0o755) == 0)
    let output = "\(tree.path)/\(folder)/packages"
    let end = try await run(
      """
      \(shell)
      exec '\(Self.packaging)' --program '\(tree.path)/\(release)/eventdrop' --version '\(Self.version)' --output '\(output)'
      """)
    #expect(end.code == 0, "\(end)")
    return output
  }

  private func run(_ script: String) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      ["-c", script], executable: "/bin/bash",
      environment: [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SOURCE_DATE_EPOCH": "1764000000",
        "EVENTDROP_PROGRAM": SpawnedProgram.path(of: "eventdrop"),
      ]
    ).end()
  }

  private func lines(_ script: String) async throws -> [String] {
    let end = try await run(script)
    #expect(end.code == 0, "\(end)")
    return end.output.split(separator: "\n").map(String.init)
  }

  @Test func `Two packagings are equal, byte for byte, whoever makes them, where, and when`() async throws {
    let one = try await pack(in: "one")
    // A file's time and the order of a folder's entries differ by themselves.
    let other = try await pack(
      in: "elsewhere/other",
      from: "umask 0077; export TZ=Pacific/Auckland LC_ALL=C.UTF-8 LANG=fr_FR.UTF-8 HOME=/nowhere")
    let sums = tree.readText("one/packages/eventdrop-\(Self.version).SHA256SUMS")
    #expect(sums != nil && sums == tree.readText("elsewhere/other/packages/eventdrop-\(Self.version).SHA256SUMS"))
    #expect(try await lines("cd '\(one)' && sha256sum --check --quiet *.SHA256SUMS") == [])
    #expect(try await lines("cd '\(other)' && ls").count == 3)
  }

  @Test func `The package has its dependencies from the program, and the files of an installed machine`() async throws {
    let folder = try await pack(in: "one")
    let package = "'\(folder)'/*.deb"
    let depends = try await lines("dpkg-deb --field \(package) Depends").joined()
    // Whatever version has the symbols that this compiler's C programs use; nothing of Swift.
    #expect(depends.contains("libc6 (>= ") && depends.contains("adduser") && !depends.contains("swift"), "\(depends)")
    #expect(try await lines("dpkg-deb --field \(package) Version") == [Self.version])
    let listed = try await lines("dpkg-deb --contents \(package)")
    #expect(listed.count > 60 && listed.allSatisfy { $0.contains(" root/root ") })
    let writable = listed.filter { !$0.hasPrefix("l") && $0.prefix(10).dropFirst(5).contains("w") }
    #expect(writable == [])
    for (mode, file) in [
      ("-rwxr-xr-x", "usr/bin/eventdrop"), ("-rw-r--r--", "etc/eventdrop/config.yaml"),
      ("-rw-------", "etc/eventdrop/environment"), ("-rw-r--r--", "usr/share/man/man1/eventdrop-status.1.gz"),
      ("-rw-r--r--", "usr/share/man/man5/eventdrop-config.yaml.5.gz"),
      ("-rw-r--r--", "usr/share/bash-completion/completions/eventdrop"),
      ("-rw-r--r--", "usr/share/zsh/vendor-completions/_eventdrop"),
      ("-rw-r--r--", "usr/share/fish/vendor_completions.d/eventdrop.fish"),
      ("-rw-r--r--", "usr/lib/systemd/system/eventdrop.service"),
      ("-rw-r--r--", "usr/share/doc/eventdrop/NOTICE"),
    ] {
      #expect(listed.contains { $0.hasPrefix(mode) && $0.hasSuffix(" ./\(file)") }, "\(file)")
    }
    #expect(
      try await lines("dpkg-deb --ctrl-tarfile \(package) | tar -xO ./conffiles") == [
        "/etc/eventdrop/config.yaml", "/etc/eventdrop/environment",
      ])
    // The archive for machines without dpkg has the same.
    let archived = try await lines(
      "tar -tzf '\(folder)'/*.tar.gz | sed 's|^[^/]*/||; /\\/$/d; /^$/d; /^INSTALL$/d' | sort")
    let packed = try await lines("dpkg-deb --fsys-tarfile \(package) | tar -t | sed 's|^\\./||; /\\/$/d; /^$/d' | sort")
    #expect(archived == packed)
  }

  @Test func `An unpacked package agrees with its sums and names no folder of the build`()
    async throws
  {
    let folder = try await pack(in: "one")
    let root = "\(tree.path)/root"
    #expect(try await lines("dpkg-deb --raw-extract '\(folder)'/*.deb '\(root)'") == [])
    #expect(try await lines("cd '\(root)' && md5sum --check --quiet DEBIAN/md5sums") == [])
    #expect(try await lines("grep -rlF -e '\(tree.path)' -e '\(Repository.root)/' '\(root)' || true") == [])
    #expect(
      tree.readText("root/usr/lib/systemd/system/eventdrop.service")?.contains("ExecStart=/usr/bin/eventdrop run")
        == true)
    for script in ["postinst", "prerm", "postrm"] {
      #expect(try await lines("sh -n '\(root)/DEBIAN/\(script)' && stat -c %a '\(root)/DEBIAN/\(script)'") == ["755"])
    }
  }

  @Test func `Every link in the installed pages leads to an installed file`() async throws {
    let folder = try await pack(in: "one")
    let root = "\(tree.path)/root"
    #expect(try await lines("dpkg-deb --extract '\(folder)'/*.deb '\(root)'") == [])
    let pages = try await lines("find '\(root)/usr/share' -name '*.md' | sort")
    #expect(pages.count > 40)
    for page in pages {
      let text = String(decoding: try #require(tree.read(page)), as: UTF8.self)
      for match in text.matches(of: /\]\(([^)\s#]+)[^)\s]*\)/) where !match.1.contains("://") {
        let target = page.prefix(through: page.lastIndex(of: "/") ?? page.startIndex) + match.1
        #expect(access(String(target), R_OK) == 0, "\(page.dropFirst(root.count)): \(match.1)")
      }
    }
  }

  @Test func `A program that needs Swift's libraries is refused`() async throws {
    let end = try await run(
      "exec '\(Self.packaging)' --program '\(SpawnedProgram.path(of: "eventdrop"))' --output '\(tree.path)/none'")
    #expect(
      end.code == 1 && end.errors.contains("needs Swift's libraries") && end.errors.contains("make program"), "\(end)")
    #expect(tree.names("none") == [])
  }
}

/// Why no package can be made here; nil if one can.
private let reasonToSkip: String? = {
  for (path, package) in [
    ("/usr/bin/dpkg-deb", "dpkg"), ("/usr/bin/dpkg-shlibdeps", "dpkg-dev"), ("/usr/bin/strip", "binutils"),
    ("/usr/bin/perl", "perl"),
  ] where access(path, X_OK) != 0 {
    return "there is no \(path); apt-get install \(package) brings it"
  }
  return StandIns.built("program") == nil ? "there is no C compiler" : nil
}()
