import Foundation
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

@Suite struct SafetensorsTests {
    private let sample: [(name: String, tensor: Tensor)] = [
        ("权重", Tensor([1, -2, 3.5, .infinity] as [Float], shape: [2, 2])),
        ("empty", Tensor([] as [Double], shape: [0, 3])), ("scalar", Tensor(Int64(7))),
        ("flags", Tensor([true, false, true])), ("bytes", Tensor([1, 255] as [UInt8])),
        ("signed", Tensor([-1, 1] as [Int8])), ("numbers", Tensor([5] as [Int32])),
        ("half", Tensor([0.5] as [Float]).cast(to: .float16)),
        ("brain", Tensor([0.5] as [Float]).cast(to: .bfloat16)), ("double", Tensor([0.1])),
    ]

    /// A file of a header and as many bytes of data.
    private func file(_ header: String, data: Int = 0, claim: UInt64? = nil) -> [UInt8] {
        let length = claim ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func open(_ bytes: [UInt8], _ folder: String) throws -> [String: Tensor] {
        let path = "\(folder)/x.safetensors"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try SafetensorsFile(path: path).tensors()
    }

    @Test func everyTypeComesBackWithItsBytes() throws {
        try withTemporaryFolder { folder in
            try Safetensors.write(sample, metadata: ["format": "pt"], to: "\(folder)/a.safetensors")
            let file = try SafetensorsFile(path: "\(folder)/a.safetensors")
            #expect(file.metadata == ["format": "pt"])
            #expect(Set(file.names) == Set(sample.map(\.name)))
            for (name, tensor) in sample {
                let read = try file.tensor(name)
                #expect(read.shape == tensor.shape && read.dtype == tensor.dtype)
                #expect(read.withUnsafeBytes(Array.init) == tensor.withUnsafeBytes(Array.init))
            }
            #expect(throws: StoreError.self) { try file.tensor("none") }
        }
    }

    @Test func everyTruncationIsAnError() throws {
        try withTemporaryFolder { folder in
            let whole = Safetensors.data(sample)
            for count in 0..<whole.count {
                #expect(throws: StoreError.self) { try open(Array(whole.prefix(count)), folder) }
            }
        }
    }

    @Test func changedBytesNeverCrash() throws {
        try withTemporaryFolder { folder in
            var random = RandomGenerator(seed: 11)
            let whole = Safetensors.data(sample)
            for _ in 0..<300 {
                var bytes = whole
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(
                    truncatingIfNeeded: random.next())
                do { _ = try open(bytes, folder) } catch is StoreError {}
            }
        }
    }

    @Test func hostileHeadersAreRefused() throws {
        func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
            "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
        }
        let huge = "[9223372036854775807,9223372036854775807]"
        let cases: [(String, [UInt8])] = [
            ("a header of 1 GB", file("{}", claim: 1 << 30)),
            ("a header of 2^64 - 1", file("{}", claim: .max)),
            ("not JSON", file("{\"a\":")), ("not an object", file("[]")),
            ("a shape that overflows", file("{\"a\":\(entry("F32", huge, "[0,4]"))}", data: 4)),
            ("a negative size", file("{\"a\":\(entry("F32", "[-1]", "[0,4]"))}", data: 4)),
            ("offsets beyond the file", file("{\"a\":\(entry("F32", "[2]", "[0,8]"))}", data: 4)),
            (
                "offsets in the wrong order",
                file("{\"a\":\(entry("F32", "[1]", "[4,0]"))}", data: 4)
            ),
            (
                "offsets that do not fit the shape",
                file("{\"a\":\(entry("F32", "[1]", "[0,8]"))}", data: 8)
            ),
            (
                "overlapping tensors",
                file(
                    "{\"a\":\(entry("F32", "[2]", "[0,8]")),\"b\":\(entry("F32", "[1]", "[4,8]"))}",
                    data: 8)
            ),
            ("a type that is not known", file("{\"a\":\(entry("C64", "[1]", "[0,8]"))}", data: 8)),
            (
                "a name twice",
                file(
                    "{\"a\":\(entry("U8", "[1]", "[0,1]")),\"a\":\(entry("U8", "[1]", "[1,2]"))}",
                    data: 2)
            ),
            ("nesting without end", file(String(repeating: "{\"a\":", count: 100_000))),
            ("bytes that are no text", (0..<8).map { $0 == 0 ? 2 : 0 } + [0xff, 0xfe]),
        ]
        try withTemporaryFolder { folder in
            for (what, bytes) in cases {
                #expect(throws: StoreError.self, "\(what)") { try open(bytes, folder) }
            }
        }
    }

    @Test func aFolderHoldsTheLastWholeSave() throws {
        try withTemporaryFolder { folder in
            func value() throws -> Double {
                try SafetensorsFile(path: CheckpointFolder.resolve(folder, "a.safetensors")).tensor(
                    "x"
                ).item
            }
            for number in 1...3 {
                try CheckpointFolder.write(
                    to: folder,
                    files: [
                        ("a.safetensors", .tensors([("x", Tensor(Double(number)))])),
                        ("note.txt", .text("\(number)")),
                    ])
                #expect(try value() == Double(number))
            }
            // A save that was killed before its commit is not seen; one killed after it is.
            let manager = FileManager.default
            try manager.createDirectory(
                atPath: "\(folder)/.saving-dead", withIntermediateDirectories: true)
            try Safetensors.write([("x", Tensor(8.0))], to: "\(folder)/.saving-dead/a.safetensors")
            #expect(try value() == 3)
            try manager.moveItem(atPath: "\(folder)/.saving-dead", toPath: "\(folder)/.commit")
            #expect(try value() == 8)
            try CheckpointFolder.write(to: folder, files: [("note.txt", .text("4"))])
            #expect(try value() == 8)
            #expect(
                try manager.contentsOfDirectory(atPath: folder).filter {
                    $0.hasPrefix(".saving") || $0 == ".commit"
                } == [])
        }
    }
}
