import Layers
import Tensors

/// A transformer over the patches of an image, in the forms that publishers give it (``Form``).
///
/// Images may have any size from one patch on: patches are floor(H / p) x floor(W / p), and positions are
/// brought from the grid that they were made for to that of the image.
///
/// - Source: Dosovitskiy et al. 2020, arXiv:2010.11929.
public struct VisionTransformer: Encoder {
  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let form: Form
  /// Rows, and as many columns, of the patches that learned positions are for.
  private let positionGrid: Int
  private let dates: Int
  private let patches: Convolution
  /// The tokens before those of patches: the class token, then registers.
  private let classToken, registers: Parameter?
  private let bandToken, positions: Parameter?
  private let blocks: [TransformerBlock]
  /// Nil where nothing is normalised after the blocks.
  private let norm: LayerNormalization?
  private let head: Linear?

  /// Makes its parameters in `scope`.
  init(_ form: Form, _ options: EncoderOptions, in scope: ParameterScope) {
    let (paths, channels) = (form.paths, form.block.channels)
    (self.form, dates) = (form, options.dates)
    description = Self.description(form, options)
    positionGrid = form.grid(options)
    func token(_ path: String, count: Int = 1, deviation: Double) -> Parameter {
      scope.parameter(
        at: path, .embedding, shape: [1, count, channels], initializer: .normal(deviation: deviation))
    }
    classToken = form.hasClassToken ? token(paths.classToken, deviation: 1e-6) : nil
    registers = form.registers > 0 ? token(paths.registers, count: form.registers, deviation: 1e-6) : nil
    patches = Convolution(
      .init(
        inputs: options.bands, outputs: channels,
        kernel: SlidingKernel(size: form.patch, stride: form.patch, padding: form.padding),
        hasBias: form.hasPatchBias),
      in: scope.descendant(paths.patches), initializer: .kaimingUniformFanIn)
    if let stored = form.storedForm { scope.descendant(paths.patches).mayStore("weight", as: stored) }
    if let publisher = form.generator {
      let place = paths.patches.prefix(through: paths.patches.lastIndex(of: ".")!)
      scope.mayGenerate(
        by: KernelGenerator(
          publisher, place: String(place), path: paths.patches, channels: channels, side: form.patch))
    }
    bandToken = paths.bandToken.map { token($0, deviation: 0.02) }
    switch form.positions {
    case .learned:
      positions = token(
        paths.positions, count: (form.hasClassToken ? 1 : 0) + positionGrid * positionGrid, deviation: 0.02)
    case .computed(let table):
      positions = nil
      table.passOver(at: paths.positions, side: form.grid, channels: channels, in: scope)
    case .ground: positions = nil
    case .turned(let angles):
      positions = nil
      if let periods = paths.periods {
        let size = channels / form.block.heads
        scope.passOver(periods, shape: [size / 4]) { angles.periods(headSize: size).map { Float($0) } }
      }
    }
    blocks = (0..<form.depth).map { index in
      TransformerBlock(
        form.block, depth: StochasticDepth(block: index, of: form.depth),
        in: scope.descendant(paths.block + "\(index)"))
    }
    norm =
      form.readsPatchMean && options.classes == nil
      ? nil
      : LayerNormalization(
        channels: channels, epsilon: form.block.epsilon, in: scope.descendant(paths.norm))
    head = options.classes.map {
      Linear(
        inputs: channels, outputs: $0, in: scope.descendant(paths.head), initializer: .normal(deviation: 0.02)
      )
    }
    for name in form.passedOver { scope.passOver(below: name) }
  }

  /// Describes the encoder: the maps are the patches' tokens after each quarter of the blocks, the parts
  /// patches with tokens and positions, the four quarters of the blocks, and the head.
  static func description(_ form: Form, _ options: EncoderOptions) -> EncoderDescription {
    let (paths, channels) = (form.paths, form.block.channels)
    var quarters = (0..<4).map { quarter in
      (form.depth * quarter / 4..<form.depth * (quarter + 1) / 4).map { paths.block + "\($0)." }
    }
    if form.normalizesMaps { quarters[3].append(paths.norm + ".") }
    let tokens = [
      form.hasClassToken ? paths.classToken : nil, form.registers > 0 ? paths.registers : nil,
      paths.bandToken, form.hasLearnedPositions ? paths.positions : nil,
    ]
    let stem = [paths.patches + "."] + tokens.compactMap { $0 }
    let ends = form.mapBlocks.map { paths.block + "\($0)" }
    return EncoderDescription(
      maps: (form.normalizesMaps ? ends.dropLast() + [paths.norm] : ends).map {
        FeatureMap(name: $0, channels: channels, stride: form.patch)
      },
      parts: [NetworkPart(.encoder, name: "stem", prefixes: stem)]
        + quarters.enumerated().map { NetworkPart(.encoder, name: "stage\($0 + 1)", prefixes: $1) }
        + [
          NetworkPart(
            .head, name: "head",
            prefixes: (form.normalizesMaps ? [] : [paths.norm + "."]) + [paths.head + "."])
        ],
      layers: [stem] + TransformerBlock.layers(form.depth, at: paths.block, normalizedAt: paths.norm),
      firstConvolution: paths.patches + ".weight",
      besideMaps: form.normalizesMaps || form.readsPatchMean ? [] : [paths.norm],
      ownConstants: form.ownConstants, takesDates: form.takesDates,
      input: InputContract(
        bands: options.bands, sideMultiple: form.patch, smallestSide: form.patch,
        positionGrid: form.grid(options)))
  }

  /// Returns the maps, the last one's tokens, and the class token after the last normalisation, what timm's
  /// network without classes gives, unless nobody reads it.
  ///
  /// - Parameter input: `[N, T C, H, W]`, the bands of one date after the other; maps are `[N, T D, h, w]`.
  public func features(of input: Value, in pass: Pass) -> Features {
    let tape = pass.tape
    let (dated, grid) = patchTokens(of: input, in: pass)
    let before = tokensBefore(in: pass)
    var tokens = before.map { tape.joinedRows($0, dated) } ?? dated
    let (first, count) = (before?.tensor.shape[1] ?? 0, dated.tensor.shape[1])
    func ofPatches(_ tokens: Value) -> Value {
      first == 0 ? tokens : tape.gatheredRows(tokens, places: Array(first..<first + count))
    }
    var (maps, lastTokens) = ([Value](), tokens)
    let rotation = form.rotation(of: grid, skipping: first)
    for (index, block) in blocks.enumerated() {
      tokens = pass.recomputed(tokens) { block($0, rotation: rotation, in: $1) }
      guard form.mapBlocks.contains(index) else { continue }
      if let norm, form.normalizesMaps && index == form.depth - 1 { tokens = norm(tokens, in: pass) }
      lastTokens = ofPatches(tokens)
      maps.append(map(of: lastTokens, grid, in: pass))
    }
    guard let norm, form.hasClassToken, !form.readsPatchMean else {
      return Features(maps: maps, tokens: lastTokens)
    }
    let last = tape.reshaped(
      tape.gatheredRows(tokens, places: [0]), to: [tokens.tensor.shape[0], tokens.tensor.shape[2]])
    return Features(
      maps: maps, tokens: lastTokens, classToken: form.normalizesMaps ? last : norm(last, in: pass))
  }

  /// Returns the tokens `[N, T h w, D]` of the patches of all dates with their positions, and their grid.
  private func patchTokens(of input: Value, in pass: Pass) -> (Value, TokenGrid) {
    let (tape, bands) = (pass.tape, input.tensor.shape.channels / dates)
    var (joined, grid) = (Value?.none, TokenGrid(rows: 0, columns: 0))
    for date in 0..<dates {
      let image = dates == 1 ? input : tape.channels(input, date * bands..<(date + 1) * bands)
      let embedded = patches(image, in: pass)
      grid = TokenGrid(rows: embedded.tensor.shape.height, columns: embedded.tensor.shape.width)
      var tokens = grid.tokens(of: embedded, in: pass)
      if let places = places(on: grid, date: date, in: pass) { tokens = tape.broadcastSum(tokens, places) }
      if let bandToken { tokens = tape.broadcastSum(tokens, pass.value(of: bandToken)) }
      joined = joined.map { tape.joinedRows($0, tokens) } ?? tokens
    }
    return (joined!, grid)
  }

  /// Returns the positions `[1, h w, D]` of a date's patches; nil where none are added.
  private func places(on grid: TokenGrid, date: Int, in pass: Pass) -> Value? {
    switch form.positions {
    case .learned(let resampling):
      let first = form.hasClassToken ? 1 : 0
      let table = pass.value(of: positions!)
      let places = pass.tape.gatheredRows(
        table, places: Array(first..<first + positionGrid * positionGrid))
      return resampling(
        places, from: (positionGrid, positionGrid), to: (grid.rows, grid.columns), in: pass)
    case .computed(let table):
      return table.positions(
        of: (grid.rows, grid.columns), from: form.grid, date: date, channels: form.block.channels, in: pass)
    case .turned: return nil
    case .ground(let ground): return ground.positions(of: grid, channels: form.block.channels)
    }
  }

  /// Returns the tokens `[1, P, D]` before those of patches: the class token, with its own position where
  /// those are learned, and registers; nil where there are none.
  private func tokensBefore(in pass: Pass) -> Value? {
    let tape = pass.tape
    let first = classToken.map { token in
      let value = pass.value(of: token)
      guard let positions else { return value }
      return tape.broadcastSum(value, tape.gatheredRows(pass.value(of: positions), places: [0]))
    }
    let others = registers.map(pass.value)
    guard let first, let others else { return first ?? others }
    return tape.joinedRows(first, others)
  }

  /// Returns tokens `[N, T h w, D]` as a map `[N, T D, h, w]`.
  private func map(of tokens: Value, _ grid: TokenGrid, in pass: Pass) -> Value {
    guard dates > 1 else { return grid.map(of: tokens, in: pass) }
    let (tape, shape) = (pass.tape, tokens.tensor.shape)
    let dated = tape.reshaped(tokens, to: [shape[0], dates, shape[1] / dates, shape[2]])
    return tape.reshaped(
      tape.permuted(dated, axes: [0, 1, 3, 2]), to: [shape[0], dates * shape[2], grid.rows, grid.columns])
  }

  /// Returns the class token, or where there is none the mean of the last map, normalised where it is read
  /// so.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    if let classToken = features.classToken { return classToken }
    let mean = pass.tape.channelMeanVector(features.maps.last!)
    guard let norm, form.readsPatchMean else { return mean }
    return norm(mean, in: pass)
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a transformer without classes gives no scores") }
    return head(pooled, in: pass)
  }
}
