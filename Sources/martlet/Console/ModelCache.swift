import MartletModels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where models that are fetched lie: as `Tools/fetch_data.py` has it.
enum ModelCache {
    /// `${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}`.
    static var folder: String {
        let variables = ProcessInfo.processInfo.environment
        if let cache = variables["MARTLET_CACHE"], !cache.isEmpty { return cache }
        if let base = variables["XDG_CACHE_HOME"], !base.isEmpty { return base + "/martlet" }
        return (variables["HOME"] ?? "") + "/.cache/martlet"
    }

    /// The folder of the speech detector: the given one, or that in the cache.
    ///
    /// - Throws: `ModelError` that says how to get it, if it is not there.
    static func silero(_ given: String?) throws -> String {
        if let given { return given }
        let path = folder + "/silero-vad"
        guard FileManager.default.fileExists(atPath: path + "/config.json") else {
            throw ModelError(
                "\(path): the speech detector is not there; run Tools/fetch_silero.sh, which fetches it (1.2 MB), or give the folder of one with --model"
            )
        }
        return path
    }
}
