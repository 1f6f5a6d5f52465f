extension TokenizerPipeline {
    /// A tokenizer from the bytes of a `tokenizer.json`; `path` is for messages.
    ///
    /// Throws ``PipelineError``: `damaged` where it is no JSON or has not the form of a tokenizer, `unsupported` where it has a
    /// part that Martlet does not run.
    public init(json bytes: UnsafeBufferPointer<UInt8>, path: String = "tokenizer.json") throws {
        if let offset = firstInvalidUTF8(bytes) {
            throw PipelineError.damaged(path: path, reason: "not UTF-8", offset: offset)
        }
        do {
            try self.init(valid: bytes)
        } catch let error as JSONReaderError {
            throw PipelineError.damaged(path: path, reason: error.reason, offset: error.offset)
        } catch PipelineError.invalid(let part, let reason) {
            throw PipelineError.damaged(path: path, reason: "\(part): \(reason)", offset: nil)
        } catch PipelineError.unsupported(let part, let reason) {
            throw PipelineError.unsupported(part: "\(path): \(part)", reason: reason)
        }
    }

    /// A tokenizer from the bytes of a `tokenizer.json`; `path` is for messages.
    ///
    /// Throws ``PipelineError``.
    public init(json bytes: [UInt8], path: String = "tokenizer.json") throws {
        self = try bytes.withUnsafeBufferPointer { try TokenizerPipeline(json: $0, path: path) }
    }

    private init(valid bytes: UnsafeBufferPointer<UInt8>) throws {
        var reader = JSONReader(bytes)
        // Where the reader's bytes begin in the file.
        var base = 0
        var isInModel = false
        var parts: [String: JSONValue] = [:]
        var model: TokenModel?
        do {
            try reader.expect("{")
            var isEnded = reader.peek() == 0x7D
            while !isEnded {
                let key = try reader.string()
                try reader.expect(":")
                if key == "model" {
                    _ = reader.peek()
                    isInModel = true
                    let (found, end) = try ModelReader.read(bytes, at: base + reader.offset)
                    isInModel = false
                    model = found
                    base = end
                    reader = JSONReader(UnsafeBufferPointer(rebasing: bytes[end...]))
                } else {
                    parts[key] = try JSONValue.read(&reader)
                }
                isEnded = reader.peek() != 0x2C
                if !isEnded { try reader.expect(",") }
            }
            try reader.expect("}")
            try reader.expectEnd()
        } catch var error as JSONReaderError {
            // The model's reader gives places in the whole file already.
            if !isInModel { error.offset += base }
            throw error
        }
        guard let model else {
            throw PipelineError.invalid(part: "tokenizer", reason: "\"model\" is missing")
        }
        let whole = JSONPart(value: .object(parts), name: "")
        if let version = whole["version"], try version.text() != "1.0" {
            throw PipelineError.unsupported(
                part: "version", reason: "\"\(try version.text())\" instead of \"1.0\"")
        }
        try self.init(
            model: model, normalizer: try whole["normalizer"]?.normalizer(),
            preTokenizer: try whole["pre_tokenizer"]?.preTokenizer(),
            postProcessor: try whole["post_processor"]?.postProcessor(),
            decoder: try whole["decoder"]?.decoder(),
            addedTokens: try whole["added_tokens"]?.list().map { try $0.addedToken() } ?? [],
            truncation: try whole["truncation"]?.truncation(),
            padding: try whole["padding"]?.padding())
    }
}
