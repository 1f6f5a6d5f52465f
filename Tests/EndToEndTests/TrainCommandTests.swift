import Foundation
import MartletTestSupport
import Testing

/// `martlet train sentiment`.
@Suite struct TrainCommandTests {
    @Test func everyKindOfDataTrains() throws {
        try withWorkshop { workshop in
            let root = workshop.root
            let reviews = Reviews(60)
            try write(reviews.table(separator: ","), to: "\(root)/a.csv")
            try write(reviews.table(separator: "\t"), to: "\(root)/a.tsv")
            try write(reviews.jsonLines(), to: "\(root)/a.jsonl")
            try FileManager.default.createDirectory(
                atPath: "\(root)/a", withIntermediateDirectories: true)
            try write(reviews.lines(good: true), to: "\(root)/a/pos.txt")
            try write(reviews.lines(good: false), to: "\(root)/a/neg.txt")
            var models: [Data] = []
            for name in ["a.csv", "a.tsv", "a.jsonl", "a"] {
                let out = "\(root)/run of \(name)"
                let outcome = try martlet(training("\(root)/\(name)", out))
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(try names(in: out) == runFiles)
                models.append(try bytes(of: "\(out)/model.safetensors"))
            }
            // The same texts, whatever they are read from.
            #expect(Set(models).count == 1)
        }
    }

    @Test func withoutATerminalProgressIsPlainLinesOnStandardError() throws {
        try withWorkshop { workshop in
            let outcome = try workshop.train()
            #expect(outcome.output.isEmpty)
            #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
            for part in [
                "200 of 200 texts kept", "160 to learn from, 20 to choose by, 20 to judge by",
                "epoch  loss", "\n1      ", "\n2      ", "test     ", "n-grams: ", "majority: ",
                "saved    \(workshop.run)",
            ] { #expect(outcome.errors.contains(part), "\(part)") }
        }
    }

    @Test func jsonIsOneObjectALineAndNothingElse() throws {
        try withWorkshop { workshop in
            let outcome = try workshop.train("--json")
            #expect(outcome.errors.isEmpty)
            let objects = try outcome.objects()
            let events = objects.compactMap { $0["event"] as? String }
            #expect(
                events == [
                    "data", "model", "step", "epoch", "saved", "step", "epoch", "saved", "testing",
                    "finished",
                ])
            #expect((objects[0]["data"] as? [String: Any])?["kept"] as? Int == 200)
            let figures = objects.compactMap { $0["figures"] as? [String: Any] }
            let record = try #require(objects.last?["record"] as? [String: Any])
            let onDisk = try jsonObject(
                String(decoding: workshop.file("training.json"), as: UTF8.self))
            #expect(NSDictionary(dictionary: record) == NSDictionary(dictionary: onDisk))
            #expect(NSArray(array: figures) == record["epochs"] as? NSArray)
        }
    }

    @Test func theNumberOfThreadsChangesNoBit() throws {
        try withWorkshop { workshop in
            var models: [Data] = []
            for threads in ["1", "2", "5"] {
                // Wide enough that the work is shared out.
                let outcome = try martlet(
                    training(workshop.data, workshop.run, "--overwrite", "--hidden", "40"),
                    environment: ["MARTLET_THREADS": threads])
                #expect(outcome.code == 0, "\(outcome.errors)")
                models.append(try workshop.file("model.safetensors"))
                let record = String(decoding: try workshop.file("training.json"), as: UTF8.self)
                #expect(record.contains("\"threads\" : \(threads)"))
            }
            #expect(Set(models).count == 1)
        }
    }

    @Test func relativePathsWork() throws {
        try withWorkshop { workshop in
            let flags = tinyFlags.joined(separator: " ")
            let trained = try shell(
                "cd '\(workshop.root)' && exec \"$martlet\" train sentiment --data reviews.jsonl --out run \(flags)"
            )
            #expect(trained.code == 0, "\(trained.errors)")
            #expect(try names(in: workshop.run) == runFiles)
            let answer = try shell(
                "cd '\(workshop.root)' && exec \"$martlet\" predict --model run/ great")
            #expect(answer.code == 0 && answer.output.hasPrefix("good\t"))
        }
    }

    @Test func anExistingRunIsRefusedWithoutOverwrite() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let model = try workshop.file("model.safetensors")
            try martlet(training(workshop.data, workshop.run)).expectFailure(
                65, "\(workshop.run) holds a run already", "--resume", "--overwrite")
            #expect(try workshop.file("model.safetensors") == model)
            try workshop.train("--overwrite", "--seed", "4")
            #expect(try workshop.file("model.safetensors") != model)
        }
    }

    @Test func anOutThatCannotBeWrittenIs69BeforeTraining() throws {
        try withWorkshop { workshop in
            try write("mine", to: workshop.run)
            for out in [workshop.run, "\(workshop.run)/below"] {
                let outcome = try martlet(training(workshop.data, out))
                #expect(outcome.code == 69)
                #expect(
                    outcome.errors.hasPrefix(
                        "martlet: \(workshop.run): cannot be written: Not a directory"),
                    "\(outcome.errors)")
            }
            #expect(try bytes(of: workshop.run) == Data("mine".utf8))
        }
    }

    @Test func aFullDiskIs69AndKeepsWhatWasThere() throws {
        try withWorkshop { workshop in
            try workshop.train()
            let before = try runFiles.map { try workshop.file($0) }
            let arguments = training(workshop.data, workshop.run, "--overwrite", "--seed", "4")
            let outcome = try shell(
                "ulimit -f 8; exec \"$martlet\" "
                    + arguments.map { "'\($0)'" }.joined(separator: " "))
            #expect(outcome.code == 69, "\(outcome.errors)")
            let last = try #require(outcome.errors.split(separator: "\n").last)
            for part in ["martlet: ", "File too large", "is intact", "free some space"] {
                #expect(last.contains(part), "\(last)")
            }
            #expect(try runFiles.map { try workshop.file($0) } == before)
        }
    }

    @Test func badDataIs65AndSaysWhere() throws {
        try withWorkshop { workshop in
            let root = workshop.root
            func refusal(_ name: String, _ content: Data?, _ parts: String...) throws {
                let path = "\(root)/\(name)"
                try content?.write(to: URL(fileURLWithPath: path))
                let outcome = try martlet(training(path, workshop.run))
                outcome.expectFailure(65, path)
                for part in parts { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
                #expect(!FileManager.default.fileExists(atPath: workshop.run))
            }
            try refusal("none.csv", nil, "No such file or directory")
            try refusal("none", nil, "No such file or directory", "check the path")
            try refusal("text.txt", Data("x".utf8), "of an unknown kind")
            try refusal("empty.csv", Data(), "is empty")
            try refusal("empty.jsonl", Data("\n\n".utf8), "is empty")
            try refusal("header.csv", Data("text,label\n".utf8), "has no texts")
            try refusal(
                "columns.csv", Data("review,stars\nfine,5\n".utf8),
                "columns.csv:1: no column \"text\"",
                "\"review\", \"stars\"", "--text-column")
            try refusal(
                "keys.jsonl", Data("{\"text\": \"fine\"}\n".utf8), "keys.jsonl:1:", "no \"label\"",
                "--label-column")
            try refusal(
                "broken.jsonl", Data("{\"text\": \"a\", \"label\": \"b\"}\n{\"text\n".utf8),
                "broken.jsonl:2:")
            try refusal(
                "latin.csv", Data("text,label\nfine,1\ncaf".utf8) + [0xE9] + Data(",1\n".utf8),
                "latin.csv:3: byte 4 of the line (0xE9) is not UTF-8")
            try refusal(
                "ragged.csv", Data("text,label\nfine,1,2\n".utf8),
                "ragged.csv:2: has 3 fields: expected 2")
            try refusal(
                "one.csv", Data("text,label\nfine,1\nnice,1\n".utf8), "one label only, 1",
                "expected 2")
            try refusal("few.csv", Data("text,label\nfine,1\nbad,0\n".utf8), "at least 10")
            try FileManager.default.createDirectory(
                atPath: "\(root)/folder", withIntermediateDirectories: true)
            try refusal("folder", nil, "has no neg.txt and no pos.txt")
            try refusal("folder/pos.txt", Data("fine\n".utf8), "of an unknown kind")
            try refusal("folder", nil, "has no neg.txt: expected")
        }
    }
}
