import Foundation
import MartletTensor
import MartletTestSupport
import Synchronization
import Testing

@testable import MartletStore

/// A state of a folder: all its files hold the same number.
private struct State {
    static let names = ["number.txt", "state.safetensors", "bytes.bin"]

    static func files(_ number: Int) -> [(name: String, contents: FileContents)] {
        [
            ("number.txt", .text("\(number)")),
            ("state.safetensors", .tensors([("x", Tensor.full([100], Double(number)))])),
            ("bytes.bin", .bytes([UInt8](repeating: UInt8(number), count: 300))),
        ]
    }

    /// The numbers in the files, as a reader finds them; an absent file is 0.
    static func read(_ folder: String) throws -> Set<Int> {
        try CheckpointFolder.reading(folder) {
            var numbers = Set<Int>()
            for name in names {
                let path = CheckpointFolder.resolve(folder, name)
                guard FileChanges.exists(path) else {
                    numbers.insert(0)
                    continue
                }
                switch name {
                case "number.txt":
                    numbers.insert(Int(String(decoding: try bytes(of: path), as: UTF8.self)) ?? -1)
                case "bytes.bin":
                    let content = try bytes(of: path)
                    numbers.formUnion(content.count == 300 ? content.map(Int.init) : [-1])
                default:
                    let x = try SafetensorsFile(path: path).tensor("x").scalars(as: Float.self)
                    numbers.formUnion(x.map { Int($0) })
                }
            }
            return numbers
        }
    }
}

/// What the system does when it is told of the changes of a save: each has a number, counted from 0.
private enum Fault: CustomStringConvertible {
    case failure(at: Int, code: Int32)
    /// The process dies: this change and all later ones do not happen.
    case death(at: Int)

    var description: String {
        switch self {
        case .failure(let place, let code): "failure \(code) at \(place)"
        case .death(let place): "death at \(place)"
        }
    }

    /// File changes with this fault in them; pieces are small, so that a file takes several writes.
    var changes: FileChanges {
        let counter = Counter()
        return FileChanges(largestWrite: 200) { (_, path) throws(SystemFailure) in
            let number = counter.next()
            switch self {
            case .failure(let place, let code):
                if number == place { throw SystemFailure(path: path, code: code) }
            case .death(let place):
                if number >= place { throw SystemFailure(path: path, code: EIO) }
            }
        }
    }
}

/// Counts from 0.
private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
    var count: Int { value.load(ordering: .relaxed) }
}

/// What a folder may be like when a save begins.
enum Beginning: CaseIterable {
    case nothing, empty, saved
    /// The last save died after its rename, before it tidied up; one before it died in the middle.
    case halfTidied

    /// Makes the folder so; gives the number of its state.
    fileprivate func make(_ folder: String) throws -> Int {
        switch self {
        case .nothing: return 0
        case .empty:
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            return 0
        case .saved:
            try CheckpointFolder.write(to: folder, files: State.files(1))
            return 1
        case .halfTidied:
            try CheckpointFolder.write(to: folder, files: State.files(9))
            let dead = "\(folder)/.saving-dead"
            let manager = FileManager.default
            try manager.createDirectory(atPath: dead, withIntermediateDirectories: true)
            try write("half", to: dead + "/number.txt")
            // Only the first of the moves was made.
            try CheckpointFolder.write(to: "\(folder)/other", files: State.files(1))
            try manager.moveItem(atPath: "\(folder)/other", toPath: "\(folder)/.commit")
            try manager.removeItem(atPath: "\(folder)/bytes.bin")
            try manager.moveItem(
                atPath: "\(folder)/.commit/bytes.bin", toPath: "\(folder)/bytes.bin")
            return 1
        }
    }
}

/// Saves in which system calls fail, or the process dies, one place after another.
@Suite struct FailingSaveTests {
    /// The number of changes that a whole save makes.
    private func changeCount(_ beginning: Beginning) throws -> Int {
        try withTemporaryFolder { root in
            let counter = Counter()
            _ = try beginning.make("\(root)/run")
            try CheckpointFolder.write(
                to: "\(root)/run", files: State.files(2),
                changes: FileChanges(largestWrite: 200) { (_, _) throws(SystemFailure) in
                    _ = counter.next()
                })
            return counter.count
        }
    }

    private func check(_ fault: Fault, _ beginning: Beginning) throws {
        try withTemporaryFolder { root in
            let folder = "\(root)/run"
            let before = try beginning.make(folder)
            var kept: StoreError.Kept?
            do {
                try CheckpointFolder.write(
                    to: folder, files: State.files(2), changes: fault.changes)
                Issue.record("\(fault): no error")
            } catch StoreError.unwritable(let path, let reason, _, let state) {
                #expect(path.hasPrefix(folder) && !reason.isEmpty, "\(fault)")
                kept = state
            }
            let found = try State.read(folder)
            #expect(found == [kept == .new ? 2 : before], "\(beginning), \(fault)")

            try CheckpointFolder.write(to: folder, files: State.files(3))
            #expect(try State.read(folder) == [3], "\(beginning), \(fault), the next save")
            let left = try names(in: folder)
            #expect(left == State.names.sorted(), "\(beginning), \(fault)")
        }
    }

    @Test(arguments: Beginning.allCases)
    func aFailureAnywhereLeavesOneWholeStateAndSaysWhich(_ beginning: Beginning) throws {
        let count = try changeCount(beginning)
        #expect(count > 15)
        for place in 0..<count {
            try check(.failure(at: place, code: ENOSPC), beginning)
            try check(.death(at: place), beginning)
        }
    }

    @Test func theErrorSaysWhatWhereAndWhatIsKept() throws {
        try withTemporaryFolder { folder in
            func text(_ fault: Fault) -> String {
                errorText {
                    try CheckpointFolder.write(
                        to: folder, files: State.files(2), changes: fault.changes)
                }
            }
            let full = text(.failure(at: 3, code: ENOSPC))
            #expect(full.hasPrefix("\(folder)/.saving-"), "\(full)")
            for part in [
                "No space left on device", "what was saved before is intact", "free some space",
            ] { #expect(full.contains(part), "\(full)") }
            let last = try changeCount(.empty) - 1
            let late = text(.failure(at: last, code: EACCES))
            for part in [
                "\(folder)/.commit: cannot be written: Permission denied",
                "the new files are complete", "may be written to",
            ] { #expect(late.contains(part), "\(late)") }
        }
    }

    @Test func aSingleFileIsTheOldOrTheNewOne() throws {
        let contents = FileContents.tensors([("x", Tensor.full([100], 2))])
        for place in 0..<20 {
            for fault in [Fault.failure(at: place, code: ENOSPC), .death(at: place)] {
                try withTemporaryFolder { folder in
                    let path = "\(folder)/x.safetensors"
                    try Safetensors.write([("x", Tensor.full([100], 1))], to: path)
                    var expected: Float = 2
                    do {
                        try Safetensors.write(contents, to: path, changes: fault.changes)
                    } catch StoreError.unwritable(let named, _, _, let kept) {
                        #expect(named == path || kept == .new)
                        expected = kept == .new ? 2 : 1
                    }
                    let x = try SafetensorsFile(path: path).tensor("x").scalars(as: Float.self)
                    #expect(x == [Float](repeating: expected, count: 100), "\(fault)")
                    if case .failure = fault {
                        #expect(try names(in: folder) == ["x.safetensors"], "\(fault)")
                    }
                }
            }
        }
    }
}

/// What else a checkpoint folder promises.
@Suite struct CheckpointFolderTests {
    @Test func aFileThatTheListDidNotShowIsNotDeleted() throws {
        try withTemporaryFolder { folder in
            // A file is in `.commit` once its files have moved, as if reading the list of them had failed.
            let commit = "\(folder)/.commit"
            let changes = FileChanges { (change, path) throws(SystemFailure) in
                guard change == .synchronise, path == folder else { return }
                if (try? names(in: commit)) == [] { try? write("7", to: "\(commit)/late.txt") }
            }
            let text = errorText {
                try CheckpointFolder.write(to: folder, files: State.files(2), changes: changes)
            }
            #expect(text.contains("the new files are complete"), "\(text)")
            let late = CheckpointFolder.resolve(folder, "late.txt")
            #expect(try bytes(of: late) == Data("7".utf8))
            try CheckpointFolder.write(to: folder, files: State.files(3))
            #expect(try names(in: folder) == (State.names + ["late.txt"]).sorted())
        }
    }

    @Test func filesOfOtherNamesStay() throws {
        try withTemporaryFolder { folder in
            try write("mine", to: "\(folder)/notes.txt")
            try CheckpointFolder.write(to: folder, files: State.files(1))
            #expect(try bytes(of: "\(folder)/notes.txt") == Data("mine".utf8))
        }
    }

    @Test func aFolderMayBeALinkButNotAFile() throws {
        try withTemporaryFolder { root in
            try FileManager.default.createDirectory(
                atPath: "\(root)/real", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/link", withDestinationPath: "\(root)/real")
            try CheckpointFolder.prepare("\(root)/link")
            try CheckpointFolder.write(to: "\(root)/link", files: State.files(1))
            #expect(try State.read("\(root)/real") == [1])

            try write("a file", to: "\(root)/file")
            for work in [
                { try CheckpointFolder.prepare("\(root)/file") },
                { try CheckpointFolder.write(to: "\(root)/file", files: State.files(1)) },
                { try CheckpointFolder.prepare("\(root)/file/below") },
            ] {
                let text = errorText(work)
                #expect(
                    text.hasPrefix("\(root)/file: cannot be written: Not a directory"), "\(text)")
            }
            #expect(try bytes(of: "\(root)/file") == Data("a file".utf8))
        }
    }

    @Test func preparingLeavesNothingButTheFolder() throws {
        try withTemporaryFolder { root in
            try CheckpointFolder.prepare("\(root)/a/b")
            #expect(try names(in: "\(root)/a/b") == [])
        }
    }

    @Test func aRemovedFolderIsGoneAtOnceOrNotAtAll() throws {
        for place in 0..<8 {
            try withTemporaryFolder { root in
                let folder = "\(root)/checkpoint"
                try CheckpointFolder.write(to: folder, files: State.files(1))
                let failure = errorText {
                    try CheckpointFolder.remove(folder, changes: Fault.death(at: place).changes)
                }
                #expect((failure == "no error") == (place > 0), "\(failure)")
                #expect(try State.read(folder) == [place > 0 ? 0 : 1])
                // A save into the folder around it removes the rest.
                try CheckpointFolder.write(to: root, files: State.files(2))
                let left = try names(in: root).filter { $0.hasPrefix(".") }
                #expect(left == [])
            }
        }
    }
}
