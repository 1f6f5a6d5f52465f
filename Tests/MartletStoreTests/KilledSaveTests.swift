import Foundation
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Real processes that save, are killed, get in each other's way, or hit a limit.
@Suite struct KilledSaveTests {
    private let saver = builtProgram("SavingProcess")

    /// The number that all files of the folder's state hold.
    private func number(_ folder: String) throws -> Int {
        let numbers = try CheckpointFolder.reading(folder) {
            let text = try bytes(of: CheckpointFolder.resolve(folder, "number.txt"))
            let state = try SafetensorsFile(
                path: CheckpointFolder.resolve(folder, "state.safetensors"))
            let x = try state.tensor("x").scalars(as: Float.self)
            #expect(x.count == 5000)
            return Set(x.map { Int($0) }).union([
                try #require(Int(String(decoding: text, as: UTF8.self)))
            ])
        }
        #expect(numbers.count == 1, "a mixture of states: \(numbers)")
        return try #require(numbers.first)
    }

    private func isTidy(_ folder: String) throws -> Bool {
        try names(in: folder) == ["number.txt", "state.safetensors"]
    }

    @Test func afterKillingTheLastSaveIsThereAndWhole() throws {
        var random = RandomGenerator(seed: 5)
        try withTemporaryFolder { root in
            let folder = "\(root)/run"
            var last = 0
            for _ in 0..<20 {
                let program = try Program(saver, [folder, "\(last + 1)"])
                // From the first save on, or while it is made.
                let isBegun = random.next() % 4 > 0
                if isBegun { _ = program.nextLine() }
                usleep(UInt32(random.next() % 20_000))
                program.signal(SIGKILL)
                let outcome = program.finish()
                #expect(outcome.signal == SIGKILL)
                let said = outcome.lines.last.flatMap { Int($0) } ?? last
                guard said > 0 else { continue }
                let found = try number(folder)
                // One more than said may be saved already.
                #expect(found == said || found == said + 1, "said \(said), found \(found)")
                last = found
            }
            #expect(last > 20)
            #expect(try Program.run(saver, [folder, "\(last + 1)", "1"]).code == 0)
            #expect(try number(folder) == last + 1)
            #expect(try isTidy(folder))
        }
    }

    @Test func twoProcessesSaveInTurnsAndReadersSeeWholeStates() throws {
        try withTemporaryFolder { root in
            let folder = "\(root)/run"
            let programs = try [1000, 2000].map {
                try Program(saver, [folder, "\($0)", "60"])
            }
            _ = programs[0].nextLine()
            var seen = Set<Int>()
            for _ in 0..<200 { seen.insert(try number(folder)) }
            #expect(seen.count > 1)
            for program in programs {
                let outcome = program.finish()
                #expect(outcome.code == 0, "\(outcome.output)")
                #expect(outcome.lines.count == 60)
            }
            #expect([1059, 2059].contains(try number(folder)))
            #expect(try isTidy(folder))
        }
    }

    @Test func aLimitOfFileSizesIsAnErrorThatKeepsTheLastSave() throws {
        try withTemporaryFolder { root in
            let folder = "\(root)/run"
            #expect(try Program.run(saver, [folder, "1", "1"]).code == 0)
            // 8 blocks of 1024 bytes or less: number.txt fits, state.safetensors does not.
            let limited = try Program.run(
                "/bin/sh", ["-c", "ulimit -f 8; exec '\(saver)' '\(folder)' 2 1"])
            #expect(limited.code == 1)
            for part in ["state.safetensors: cannot be written: File too large", "is intact"] {
                #expect(limited.output.contains(part), "\(limited.output)")
            }
            #expect(try number(folder) == 1)
            #expect(try isTidy(folder))
        }
    }
}
