# terrane's targets; `make` alone lists them. GNU make 4, recipes in POSIX sh, each one script.

SWIFT ?= swift
PREFIX ?= /usr/local
FILTER ?= .
MINUTES ?= 10
SCENES ?= 200

SHELL = /bin/sh
.SHELLFLAGS = -ec
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL = help
.PHONY: help package package-test test-onednn test-some cluster-test setup build demo test lint format check plan graph warning-free bench parity fuzz torture clients sample-data docs install clean

# Asked when a recipe runs, not when this file is read: `setup` may have installed the header a moment ago. SwiftPM keeps
# the manifest's answer as long as its text and the environment stay, so the answer is always put into the environment.
# The header that the compiler finds first decides.
has_onednn = grep -qs 'define DNNL_VERSION_MAJOR [23]$$' "$$(ls $(onednn_headers) 2>/dev/null | head -n 1)"
onednn_headers = $(patsubst %,%/include/oneapi/dnnl/dnnl_version.h,$(TERRANE_ONEDNN) /usr/local /usr)
kernels = $(or $(TERRANE_KERNELS),$(shell $(has_onednn) && echo onednn || echo reference))
folder = .build$(if $(filter reference,$(kernels)),-reference)$(if $(TERRANE_ONEDNN),-onednn)$(if $(TERRANE_VECTORS),-$(TERRANE_VECTORS))
# A oneDNN in another place than the system's, and a GDAL whose headers pkg-config alone knows.
places = $(if $(TERRANE_ONEDNN),-Xcc -I$(TERRANE_ONEDNN)/include -Xlinker -rpath -Xlinker $(TERRANE_ONEDNN)/lib) \
  $(patsubst -I%,-Xcc -I%,$(filter-out -I/usr/include%,$(shell pkg-config --cflags-only-I gdal 2>/dev/null))) \
  $(patsubst -L%,-Xlinker -L%,$(filter-out -L/usr/lib%,$(shell pkg-config --libs-only-L gdal 2>/dev/null)))
options = -c release --scratch-path $(folder) $(places)
sources = Sources Tests Examples Package.swift Benchmarks/Sources $(wildcard Fuzzing/Package.swift Fuzzing/Sources)

# Builds what $(1) says. A module's warnings are said only when it is compiled: they are noted in a file, for `check`.
define compile
export TERRANE_KERNELS=$(kernels)
mkdir -p $(folder)
echo "building ($(kernels) kernels; a first build takes minutes, its log is $(folder)/make-build.log)"
if ! $(SWIFT) build $(options) --explicit-target-dependency-import-check error $(1) >$(folder)/make-build.log 2>&1
then
  grep -v '^\[[0-9]*/[0-9]*\]' $(folder)/make-build.log
  exit 1
fi
grep 'warning:' $(folder)/make-build.log | grep -Ev '/checkouts/|/swift_static/' | tee -a $(folder)/make-warnings.log || :
endef

# Installs Debian packages, $(2), for the target $(1), and says so where that cannot be.
define install
root=
[ "$$(id -u)" = 0 ] || root=sudo
if ! command -v apt-get >/dev/null || ! command -v $${root:-env} >/dev/null
then
  echo "$(1): install $(2) as root first" >&2
  exit 1
fi
echo "$(1): installing $(2)"
$$root apt-get update -qq
$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2) >/dev/null
endef

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r target words
	do
	  printf 'make %-12s %s\n' "$$target" "$$words"
	done

setup: ## install what is missing to build (Debian packages, with sudo where not root)
	@command -v $(SWIFT) >/dev/null || {
	  echo "setup: there is no '$(SWIFT)' on PATH: install Swift 6.1 or later from https://www.swift.org/install/linux/" >&2
	  exit 1
	}
	missing=
	need() { missing="$$missing $$*"; }
	command -v git >/dev/null || need git
	command -v g++ >/dev/null || need g++
	command -v pkg-config >/dev/null || need pkg-config
	[ -e /etc/ssl/certs/ca-certificates.crt ] || [ ! -e /etc/debian_version ] || need ca-certificates
	pkg-config --exists gdal 2>/dev/null || need libgdal-dev
	pkg-config --exists openblas 2>/dev/null || need libopenblas-dev
	pkg-config --exists libcrypto 2>/dev/null || need libssl-dev
	pkg-config --exists libarchive 2>/dev/null || need libarchive-dev
	pkg-config --exists sqlite3 2>/dev/null || need libsqlite3-dev
	[ -d $(folder) ] || $(SWIFT) build --version >/dev/null 2>&1 || need libcurl4 libncurses6 libsqlite3-0 libxml2 libuuid1
	optional=
	case $(kernels)/$${TERRANE_KERNELS-} in
	  reference/) [ -e .build-reference/without-onednn ] || optional=libdnnl-dev ;;
	esac
	[ -n "$$missing$$optional" ] || exit 0
	root=
	[ "$$(id -u)" = 0 ] || root=sudo
	if ! command -v apt-get >/dev/null || ! command -v $${root:-env} >/dev/null
	then
	  if [ -n "$$missing" ]
	  then
	    echo "setup: missing:$$missing (the names of Debian 12's packages)." >&2
	    echo "setup: install them by hand, or with apt-get as root. terrane builds with at least Swift 6.1, git, g++," >&2
	    echo "setup: pkg-config, GDAL 3.6, OpenBLAS, OpenSSL and libarchive with their headers; oneDNN (libdnnl-dev) makes it fast." >&2
	    exit 1
	  fi
	else
	  echo "setup: installing$$missing $$optional"
	  $$root apt-get update -qq
	  install() { $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >/dev/null; }
	  [ -z "$$missing" ] || install $$missing
	  [ -z "$$optional" ] || install $$optional || :
	fi
	if [ -n "$$optional" ] && ! $(has_onednn)
	then
	  echo "setup: libdnnl-dev cannot be had: terrane is built with its reference kernels, which are several times slower"
	  mkdir -p .build-reference
	  : >.build-reference/without-onednn
	fi

build: setup ## build the command, which runs without Swift's toolchain
	@export TERRANE_RUNTIME=static
	$(call compile,--product terrane)

demo: build ## pretrain on region A, carry it to B, map B and its changes: all on sample-data, into output/
	@terrane=$(folder)/release/terrane
	run() {
	  printf '\n== %s\n' "$$1"
	  "$$terrane" run "$$2"
	}
	run "Pretrain on the labels of region A" pipelines/pretrain.yaml
	run "Load, adapt to region B, fine-tune on its patches, score, map its scenes" pipelines/landcover.yaml
	run "Compare the two dates of region B" pipelines/change.yaml
	printf '\n== Products (GeoTIFF, for QGIS or gdalinfo)\n'
	ls -d output/*/products/*/

test: setup ## run the tests (FILTER=name for some; TERRANE_KERNELS=reference for the build without oneDNN)
	@$(call compile,--build-tests)
	# Threads of tests that wait give way to the commands that other tests start.
	export GOMP_SPINCOUNT=4000
	echo "testing (log: $(folder)/make-test.log)"
	if $(SWIFT) test $(options) --skip-build --disable-xctest --filter '$(FILTER)' >$(folder)/make-test.log 2>&1
	then
	  sed -nE 's/^.* Test .* (skipped: ".*"|skipped\.)$$/\1/p' $(folder)/make-test.log | sort | uniq -c
	  tail -n 1 $(folder)/make-test.log
	else
	  grep -E '^(✘|↳|error:)' $(folder)/make-test.log || tail -n 40 $(folder)/make-test.log
	  exit 1
	fi

lint: ## check the layout of the sources
	@$(SWIFT) format lint --strict --parallel -r $(sources)

format: ## lay out the sources
	@$(SWIFT) format --in-place --parallel -r $(sources)

check: lint warning-free plan test ## lint, a build without warnings, the plan of the modules, tests

plan: setup ## hold the sources against the plan of the house: sizes of modules, arrows between folders, circles
	@$(call compile,--product SourcePlan)
	$(folder)/release/SourcePlan check

graph: setup ## draw the modules and their arrows, in Mermaid's language
	@$(call compile,--product SourcePlan)
	$(SWIFT) package dump-package | $(folder)/release/SourcePlan graph

warning-free: setup
	@if [ -s $(folder)/make-warnings.log ]
	then
	  echo "compiling again what has warned before"
	  sed -n 's/:[0-9]*:[0-9]*: warning:.*//p' $(folder)/make-warnings.log | sort -u | while IFS= read -r file
	  do
	    [ ! -e "$$file" ] || touch "$$file"
	  done
	  : >$(folder)/make-warnings.log
	fi
	$(call compile,--build-tests)
	if [ -s $(folder)/make-warnings.log ]
	then
	  echo "check: the build warns" >&2
	  exit 1
	fi

bench: build Benchmarks/.venv/complete ## time terrane beside its peers, into Benchmarks/RESULTS.md (CASES=name for some)
	@$(call compile,--product TerraneBenchmarks)
	$(folder)/release/TerraneBenchmarks $(CASES)

# The peers: some gigabytes from PyPI.
Benchmarks/.venv/complete: Benchmarks/Peers/requirements.txt
	@echo "installing the peers into Benchmarks/.venv (minutes)"
	python3 -m venv Benchmarks/.venv
	Benchmarks/.venv/bin/pip install --quiet -r Benchmarks/Peers/requirements.txt
	: >Benchmarks/.venv/complete


# What oneDNN computes is tested on version 3 as well, which Debian 13 and Ubuntu 24.04 have: PyPI's files of
# 3.2.
test-onednn: setup .build-onednn3-files/complete ## test the kernels on oneDNN 3 (installs 3.2 from PyPI into .build-onednn3-files)
	@export TERRANE_ONEDNN="$(abspath .build-onednn3-files)" TERRANE_TESTS="Numerics Tensors CPUKernels Layers"
	$(MAKE) --no-print-directory test-some

.build-onednn3-files/complete:
	@rm -rf $(@D)
	mkdir -p $(@D)/wheels
	python3 -m pip download --quiet --no-deps --only-binary :all: --dest $(@D)/wheels \
	  onednn-cpu-gomp==2023.2.0 onednn-devel-cpu-gomp==2023.2.0
	for wheel in $(@D)/wheels/*.whl
	do
	  python3 -m zipfile -e "$$wheel" $(@D)/wheels
	done
	cp -R $(@D)/wheels/*.data/data/* $(@D)/
	rm -rf $(@D)/wheels
	: >$@

# The tests of the modules in TERRANE_TESTS alone, and what they need.
test-some: setup
	@$(call compile,--product terranePackageTests)
	$(SWIFT) test $(options) --skip-build --disable-xctest >$(folder)/make-test.log 2>&1 || {
	  grep -E '^(✘|↳|error:)' $(folder)/make-test.log || tail -n 40 $(folder)/make-test.log
	  exit 1
	}
	tail -n 1 $(folder)/make-test.log

sample-data: setup ## write sample-data again, from its seed
	@$(call compile,--product generate-sample-data)
	$(folder)/release/generate-sample-data sample-data

install: build ## install the command and its completions under PREFIX (/usr/local)
	@home() { case $$1 in "~" | "~/"*) printf '%s' "$$HOME$${1#?}" ;; *) printf '%s' "$$1" ;; esac; }
	root="$$(home "$(DESTDIR)")$$(home "$(PREFIX)")"
	bin="$$root/bin" share="$$root/share"
	terrane=$(folder)/release/terrane
	install -d "$$bin" "$$share/bash-completion/completions" "$$share/zsh/site-functions" "$$share/fish/vendor_completions.d"
	install -m 755 "$$terrane" "$$bin/terrane"
	"$$terrane" --generate-completion-script bash >"$$share/bash-completion/completions/terrane"
	"$$terrane" --generate-completion-script zsh >"$$share/zsh/site-functions/_terrane"
	"$$terrane" --generate-completion-script fish >"$$share/fish/vendor_completions.d/terrane.fish"
	echo "installed $$bin/terrane"

# Built like `build`: the package is for the system that it is made on.
package: build ## make a Debian package and a tarball of the command, into packages/
	@checkouts=$(folder)/checkouts
	sh Packaging/deb.sh $(folder)/release/terrane "$$checkouts" packages
	sh Packaging/tarball.sh $(folder)/release/terrane "$$checkouts" packages

package-test: package ## install the package in a bare root of this Debian, without a toolchain, and map there (needs root, debootstrap)
	@sh Packaging/bare-root.sh "$$(ls -t packages/terrane_*.deb | head -n 1)" "$(abspath .build-bare-root)"

cluster-test: build ## run a night on a Slurm cluster of two nodes on this machine, with kills (needs root; SCENES=200)
	@missing=
	command -v slurmctld >/dev/null || missing="slurm-wlm munge"
	command -v gdal_translate >/dev/null || missing="$$missing gdal-bin"
	if [ -n "$$missing" ]
	then
	  $(call install,cluster-test,$$missing)
	fi
	python3 Tests/Cluster/cluster.py $(folder)/release/terrane --scenes $(SCENES)

docs: demo ## write the documentation as a site, into site/: pages, modules, pictures of the demo (installs pandoc)
	@if ! command -v pandoc >/dev/null
	then
	  $(call install,docs,pandoc)
	fi
	sh docs/site/build.sh $(folder) output site
	echo "site/index.html: open it, or serve the folder: python3 -m http.server --directory site (the modules' pages want a server)"

clean: ## remove what was built; output/ stays
	@rm -rf --one-file-system .build .build-* Fuzzing/.build packages site

parity: build Parity/.venv/complete ## hold architectures against PyTorch, radar against sarsen, exports against ONNX Runtime (CASES="resnet50 sar" for some)
	@Parity/.venv/bin/python Parity/parity.py $(folder)/release/terrane $(CASES)
	@Parity/.venv/bin/python Parity/radar.py $(folder)/release/terrane $(CASES)
	@Parity/.venv/bin/python Parity/export.py $(folder)/release/terrane $(CASES)

# PyTorch and those who publish architectures: some gigabytes from PyPI.
Parity/.venv/complete: Parity/requirements.txt
	@echo "installing PyTorch into Parity/.venv (minutes)"
	python3 -m venv Parity/.venv
	Parity/.venv/bin/pip install --quiet -r Parity/requirements.txt
	# Single files of them are used, little of what they need to be imported.
	Parity/.venv/bin/pip install --quiet --no-deps terratorch==1.2.13 olmoearth-pretrain-minimal==0.1.5 \
	  torchgeo==0.8.1 claymodel==1.5.0
	: >Parity/.venv/complete

torture: build ## fail system calls of a small run one at a time, and kill it at random moments (MINUTES=10 at most; needs strace)
	@command -v strace >/dev/null || {
	  echo "torture: there is no strace: apt-get install strace" >&2
	  exit 1
	}
	python3 Tests/Torture/torture.py $(folder)/release/terrane --minutes $(MINUTES)

clients: build Tests/Clients/.venv/complete ## hold every product against rio-cogeo, pystac, GDAL and QGIS (OUTPUT="dir dir" for your own; installs them)
	@if ! /usr/bin/python3 -c 'import qgis.core, osgeo_utils.samples.validate_gpkg' 2>/dev/null || ! command -v ogrinfo >/dev/null
	then
	  # With what they need, some 300 packages.
	  $(call install,clients,python3-qgis python3-gdal gdal-bin)
	fi
	outputs="$(OUTPUT)"
	if [ -z "$$outputs" ]
	then
	  terrane=$(folder)/release/terrane
	  for name in pretrain landcover change sar-change scenes
	  do
	    "$$terrane" run --quiet pipelines/$$name.yaml
	    outputs="$$outputs output/$$name"
	  done
	  "$$terrane" run --quiet pipelines/nightly.yaml --output output/clients --set geotiff.probabilities=true --set geotiff.style=both
	  outputs="$${outputs# output/pretrain} output/clients"
	fi
	Tests/Clients/.venv/bin/python Tests/Clients/clients.py $$outputs

Tests/Clients/.venv/complete: Tests/Clients/requirements.txt
	@echo "installing pystac, rio-cogeo and rasterio into Tests/Clients/.venv"
	python3 -m venv Tests/Clients/.venv
	Tests/Clients/.venv/bin/pip install --quiet -r Tests/Clients/requirements.txt
	: >Tests/Clients/.venv/complete

# gold, the linker that Swift takes, fails on the address sanitizer's objects. A find is left as Fuzzing/.build/<target>/crash-...
fuzz: setup ## feed the readers of weights and metadata with damaged files (MINUTES=10 each)
	@export TERRANE_KERNELS=$(kernels) ASAN_OPTIONS=detect_leaks=0
	echo "building Fuzzing (minutes; its log is Fuzzing/.build/make-build.log)"
	mkdir -p Fuzzing/.build
	if ! $(SWIFT) build --package-path Fuzzing -c release -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld \
	  >Fuzzing/.build/make-build.log 2>&1
	then
	  grep -v '^\[[0-9]*/[0-9]*\]' Fuzzing/.build/make-build.log
	  exit 1
	fi
	for target in FuzzSafetensors FuzzArchive FuzzLegacy FuzzONNX FuzzMetadata
	do
	  found=Fuzzing/.build/$$target
	  mkdir -p $$found/corpus
	  echo "$$target: $(MINUTES) minutes (log: $$found/log)"
	  if ! Fuzzing/.build/release/$$target -max_total_time=$$(($(MINUTES) * 60)) -timeout=10 -rss_limit_mb=2048 \
	    -max_len=16384 -artifact_prefix=$$found/ $$found/corpus Tests/CheckpointsTests/Golden >$$found/log 2>&1
	  then
	    grep -E 'ERROR|SUMMARY|Fatal|Test unit written' $$found/log
	    exit 1
	  fi
	  tail -n 1 $$found/log
	done
