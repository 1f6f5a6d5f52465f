#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder whose files are saved together: a reader finds all old ones or all new ones.
///
/// A save writes its files into `.saving-<unique>`, waits for the disk, and renames that folder to `.commit`.
/// This one rename is the save. What is left is tidying: each file moves to its place and the empty `.commit`
/// goes. A reader prefers `.commit/<name>`, so after a crash, `kill -9` or a full disk at any point the folder
/// holds one whole state; the next save finishes what was left.
public enum CheckpointFolder {
    /// Saves files together; files of other names in the folder stay.
    ///
    /// Saves of several processes into one folder wait for each other.
    ///
    /// - Parameters:
    ///   - folder: created if missing.
    ///   - files: each name at most once, without `/`, not beginning with a dot.
    /// - Throws: ``StoreError/unwritable(path:reason:isDiskFull:kept:)``.
    public static func write(
        to folder: String, files: [(name: String, contents: FileContents)]
    ) throws {
        try write(to: folder, files: files, changes: FileChanges())
    }

    /// The path to read a file of the folder from: of the newest complete save.
    ///
    /// A save that another process makes meanwhile may move the file before it is opened; ``reading(_:_:)``
    /// keeps saves away.
    public static func resolve(_ folder: String, _ name: String) -> String {
        let committed = "\(folder)/\(commitName)/\(name)"
        return FileChanges.exists(committed) ? committed : "\(folder)/\(name)"
    }

    /// Creates the folder if it is missing, and finds out whether files can be saved there.
    ///
    /// - Throws: ``StoreError/unwritable(path:reason:isDiskFull:kept:)``.
    public static func prepare(_ folder: String) throws {
        let changes = FileChanges()
        let probe = savingFolder(in: folder)
        do {
            try changes.createFolder(probe)
            try changes.removeEmptyFolder(probe)
        } catch {
            throw error.saving(kept: .previous)
        }
    }

    /// Removes a whole checkpoint folder, if it is there: for a reader, in one instant.
    ///
    /// What a crash leaves of it has a name that the next save into the folder around it removes.
    ///
    /// - Throws: ``StoreError/unwritable(path:reason:isDiskFull:kept:)``.
    public static func remove(_ folder: String) throws {
        try remove(folder, changes: FileChanges())
    }

    /// Calls `body` while no save changes the folder, so that all files it opens belong to one save.
    ///
    /// Where the folder cannot be locked, as on some network file systems, `body` is called all the same.
    public static func reading<Result>(_ folder: String, _ body: () throws -> Result) rethrows
        -> Result
    {
        let lock = FolderLock(folder, LOCK_SH)
        return try withExtendedLifetime(lock, body)
    }

    static let commitName = ".commit"
    static let savingPrefix = ".saving-"

    /// A name in the folder that no other save uses.
    private static func savingFolder(in folder: String) -> String {
        "\(folder)/\(savingPrefix)\(FileChanges.uniqueSuffix())"
    }

    static func remove(_ folder: String, changes: FileChanges) throws {
        guard FileChanges.isFolder(folder) else { return }
        let lock = FolderLock(folder, LOCK_EX)
        defer { withExtendedLifetime(lock) {} }
        let gone = savingFolder(in: FileChanges.folder(of: folder))
        do {
            try changes.rename(folder, to: gone)
        } catch {
            throw error.saving(kept: .previous)
        }
        try? changes.remove(gone)
    }

    static func write(
        to folder: String, files: [(name: String, contents: FileContents)], changes: FileChanges
    ) throws {
        let names = files.map(\.name)
        precondition(Set(names).count == names.count, "two files of the same name in \(names)")
        precondition(
            names.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("/") },
            "a file name in \(names) is empty, begins with a dot or has a slash")
        let saving = savingFolder(in: folder)
        var lock: FolderLock?
        // Held while cleaning up after a failure, too.
        defer { withExtendedLifetime(lock) {} }
        do {
            try changes.createFolder(folder)
            lock = FolderLock(folder, LOCK_EX)
            try tidy(folder, changes)
            try changes.createFolder(saving)
            for (name, contents) in files {
                try contents.write(to: "\(saving)/\(name)", changes: changes)
            }
            try changes.synchroniseFolder(saving)
            try changes.rename(saving, to: "\(folder)/\(commitName)")
        } catch let failure as SystemFailure {
            if FileChanges.isFolder(saving) { try? changes.remove(saving) }
            throw failure.saving(kept: .previous)
        }
        do {
            try changes.synchroniseFolder(folder)
            try finishCommit(folder, changes)
        } catch {
            throw error.saving(kept: .new)
        }
    }

    /// Finishes an interrupted save and removes what dead ones left.
    ///
    /// The lock is held, so nobody else is saving here.
    private static func tidy(_ folder: String, _ changes: FileChanges) throws(SystemFailure) {
        try finishCommit(folder, changes)
        for name in FileChanges.names(in: folder) where name.hasPrefix(savingPrefix) {
            try changes.remove("\(folder)/\(name)")
        }
    }

    /// Moves the files of `.commit` to their places, if there is one.
    private static func finishCommit(
        _ folder: String, _ changes: FileChanges
    ) throws(SystemFailure) {
        let commit = "\(folder)/\(commitName)"
        guard FileChanges.isFolder(commit) else { return }
        for name in FileChanges.names(in: commit) {
            try changes.rename("\(commit)/\(name)", to: "\(folder)/\(name)")
        }
        // The moves must be on disk before the empty `.commit` may vanish.
        try changes.synchroniseFolder(folder)
        try changes.removeEmptyFolder(commit)
    }
}

/// A lock on a folder, held as long as the object lives; the system drops it when a process dies.
private final class FolderLock {
    private let descriptor: Int32

    /// Waits for the lock; a folder or system without locks goes without.
    init(_ folder: String, _ kind: Int32) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        while flock(descriptor, kind) != 0, errno == EINTR {}
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
