import MartletStore
import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Saves states into a checkpoint folder, one after another, and says the number of each once it is saved.
///
/// Arguments: the folder; the number of the first state; how many (without: until it is killed). All files of a
/// state hold its number, so that a mixture of two states can be told.
@main enum SavingProcess {
    static func main() {
        let arguments = CommandLine.arguments
        let first = Int(arguments[2])!
        let count = arguments.count > 3 ? Int(arguments[3])! : Int.max - first
        signal(SIGXFSZ, SIG_IGN)
        for number in first..<first + count {
            do {
                try CheckpointFolder.write(to: arguments[1], files: files(number))
            } catch {
                print(error)
                exit(1)
            }
            print(number)
            fflush(nil)
        }
    }

    private static func files(_ number: Int) -> [(name: String, contents: FileContents)] {
        [
            ("number.txt", .text("\(number)")),
            ("state.safetensors", .tensors([("x", Tensor.full([5000], Double(number)))])),
        ]
    }
}
