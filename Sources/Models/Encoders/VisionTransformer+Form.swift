import Layers
import Tensors

extension VisionTransformer {
  /// The choices by which the vision transformers of publishers differ.
  struct Form: Sendable {
    /// The positions of patches.
    enum Positions: Sendable {
      /// A table that is learned, with a row for the class token where there is one.
      case learned(PositionResampling)
      /// A table that follows from the grid.
      case computed(PositionTable)
      /// None is added: queries and keys are turned.
      case turned(GridAngles)
      /// Numbers that follow from a grid of any size.
      case ground(GroundPositions)
    }

    /// All blocks, which are alike.
    var block: TransformerBlock.Form
    /// The number of blocks.
    var depth: Int
    /// Pixels along a side of a patch.
    var patch = 16
    /// Rows, and as many columns, of the patches that the published positions are for.
    var grid = 14
    /// The positions of patches.
    var positions = Positions.learned(.antialiased)
    /// Whether a token stands for the whole image.
    var hasClassToken = true
    /// Whether a classifier reads the mean of the patches' tokens, normalised, in the place of the class
    /// token; without classes there is no normalisation.
    var readsPatchMean = false
    /// Tokens behind the class token that belong to no patch (Darcet et al. 2023, arXiv:2309.16588).
    var registers = 0
    /// Whether the filters over patches have a bias.
    var hasPatchBias = true
    /// The form in which files may keep these filters.
    var storedForm: StoredForm?
    /// The publisher whose files have a generator of these filters in their place.
    var generator: KernelGenerator.Form?
    /// Rows and columns of zeros around an image.
    var padding = 0
    /// Constants that others with the same tensors have not: ``EncoderDescription/ownConstants``.
    var ownConstants: String?
    /// Whether the last map is normalised, as TerraTorch has it; timm's is not.
    var normalizesMaps = false
    /// Whether tokens of several dates attend to each other.
    var takesDates = false
    /// Parts of published files that are not needed.
    var passedOver: [String] = []
    /// The paths of the parameters.
    var paths = Paths()

    /// Blocks after which a map is given: those at a quarter, half, three quarters and the whole of the
    /// depth.
    var mapBlocks: [Int] { (1...4).map { depth * $0 / 4 - 1 } }

    var hasLearnedPositions: Bool { if case .learned = positions { true } else { false } }

    /// Returns what turns queries and keys of a grid's tokens after `skipped` others; nil where nothing does.
    func rotation(of grid: TokenGrid, skipping skipped: Int) -> TokenRotation? {
      guard case .turned(let angles) = positions else { return nil }
      return angles.rotation(of: grid, headSize: block.channels / block.heads, skipping: skipped)
    }

    /// Returns the grid of the positions of a network with these options: a table that follows from the grid
    /// is always the publisher's.
    func grid(_ options: EncoderOptions) -> Int {
      hasLearnedPositions ? options.positionGrid ?? grid : grid
    }
  }

  /// The paths of the parameters of a transformer; those of timm where nothing else is said.
  struct Paths: Sendable {
    var classToken = "cls_token"
    var registers = "reg_token"
    var patches = "patch_embed.proj"
    /// A token that is added to all, and says which bands they are of.
    var bandToken: String?
    var positions = "pos_embed"
    /// The table of periods that files have where queries and keys are turned.
    var periods: String?
    /// The path of a block without its number.
    var block = "blocks."
    var norm = "norm"
    var head = "head"
  }
}

extension EncoderDesign {
  /// A vision transformer of a form.
  init(_ name: String, _ scheme: NamingScheme, _ form: VisionTransformer.Form) {
    self.init(
      name, [scheme], describe: { VisionTransformer.description(form, $0) },
      make: { VisionTransformer(form, $0, in: $1) })
  }
}
