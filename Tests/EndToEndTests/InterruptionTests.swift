import Foundation
import MartletTensor
import MartletTestSupport
import Testing

/// Training that is stopped from outside, and goes on.
@Suite struct InterruptionTests {
    /// Long enough that a signal comes in the middle.
    private let epochs = "40"

    /// Starts or resumes a long training and waits until that many checkpoints are saved.
    private func start(_ arguments: [String], saves: Int) throws -> Program {
        let program = try startMartlet(arguments + ["--json"])
        var count = 0
        while count < saves {
            let line = try #require(program.nextLine(), "\(program.finish(within: 1).errors)")
            if line.contains("\"event\":\"saved\"") { count += 1 }
        }
        return program
    }

    private func resuming(_ workshop: Workshop) -> [String] {
        ["train", "sentiment", "--out", workshop.run, "--resume"]
    }

    /// What an uninterrupted training gives.
    private func uninterrupted(_ workshop: Workshop) throws -> Data {
        let out = "\(workshop.root)/whole"
        let outcome = try martlet(training(workshop.data, out, "--epochs", epochs))
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try bytes(of: "\(out)/model.safetensors")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aPoliteStopLeavesACheckpointThatGoesOnToTheSameModel(_ kind: Int32) throws {
        try withWorkshop { workshop in
            let begin = training(workshop.data, workshop.run, "--epochs", epochs)
            let program = try start(begin, saves: 2)
            program.signal(kind)
            let stopped = program.finish()
            #expect(stopped.code == 130 && stopped.signal == nil)
            #expect(stopped.errors.contains("a checkpoint is saved, --resume continues from it"))
            #expect(try stopped.objects().last?["event"] as? String == "saved")
            #expect(try names(in: workshop.run) == ["checkpoint"] + runFiles)
            // The best model so far can be used at once.
            #expect(try martlet("predict", "--model", workshop.run, "great").code == 0)

            let resumed = try martlet(resuming(workshop))
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("resumed  after "))
            #expect(try names(in: workshop.run) == runFiles)
            #expect(try workshop.file("model.safetensors") == uninterrupted(workshop))
        }
    }

    @Test func killedAgainAndAgainItGoesOnToTheSameModel() throws {
        var random = RandomGenerator(seed: 3)
        try withWorkshop { workshop in
            var arguments = training(workshop.data, workshop.run, "--epochs", epochs)
            for _ in 0..<5 {
                let program = try start(arguments, saves: 3)
                usleep(UInt32(random.next() % 30_000))
                program.signal(SIGKILL)
                #expect(program.finish().signal == SIGKILL)
                // What lies there can be used.
                #expect(try martlet("predict", "--model", workshop.run, "great").code == 0)
                arguments = resuming(workshop)
            }
            let resumed = try martlet(arguments)
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try names(in: workshop.run) == runFiles)
            #expect(try workshop.file("model.safetensors") == uninterrupted(workshop))
        }
    }

    #if os(Linux)
        @Test func aSecondStopEndsTheProcessAtOnce() throws {
            try withWorkshop { workshop in
                // A single step of this takes seconds, so that no good place to stop comes between.
                try write(Reviews(200, words: 1500).jsonLines(), to: workshop.data)
                let program = try startMartlet(
                    training(
                        workshop.data, workshop.run, "--batch", "160", "--hidden", "160", "--json"))
                while let line = program.nextLine(), !line.contains("\"model\"") {}
                #expect(catches(SIGINT, program))
                program.signal(SIGINT)
                // The first one has been taken when the next is not caught any more.
                let end = Date().addingTimeInterval(20)
                while catches(SIGINT, program), Date() < end { usleep(1000) }
                program.signal(SIGINT)
                let outcome = program.finish()
                #expect(outcome.signal == SIGINT)
                #expect(!outcome.output.contains("\"saved\""))
            }
        }

        /// Whether a process has a handler for a signal, by the mask that the kernel shows.
        private func catches(_ kind: Int32, _ program: Program) -> Bool {
            let path = "/proc/\(program.identifier)/status"
            guard let status = try? String(contentsOfFile: path, encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
                let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
            else { return false }
            return mask >> UInt64(kind - 1) & 1 == 1
        }
    #endif

    @Test func whatCannotBeResumedIsRefused() throws {
        try withWorkshop { workshop in
            try martlet(resuming(workshop)).expectFailure(
                65, "cannot resume", "\(workshop.run)/checkpoint holds no checkpoint")
            let program = try start(
                training(workshop.data, workshop.run, "--epochs", epochs), saves: 1)
            program.signal(SIGINT)
            #expect(program.finish().code == 130)
            try martlet(resuming(workshop) + ["--hidden", "9"]).expectFailure(
                65, "cannot resume: --hidden is 9, the saved run has 8")
            let other = "\(workshop.root)/other.jsonl"
            try write(Reviews(200, seed: 9).jsonLines(), to: other)
            try martlet(resuming(workshop) + ["--data", other]).expectFailure(
                65, "\(other) is not the data that the run was begun with")
        }
    }

    @Test func aResumedRunRemembersTheColumns() throws {
        try withWorkshop { workshop in
            let table = "\(workshop.root)/reviews.csv"
            try write(
                Reviews(200).table(separator: ",", text: "review", label: "stars"), to: table)
            let begin = training(
                table, workshop.run, "--text-column", "review", "--label-column", "stars",
                "--epochs", epochs)
            let program = try start(begin, saves: 1)
            program.signal(SIGINT)
            #expect(program.finish().code == 130)
            let resumed = try martlet(resuming(workshop))
            #expect(resumed.code == 0, "\(resumed.errors)")
        }
    }
}
