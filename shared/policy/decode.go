package policy

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
)

//go:embed default.yaml
var defaultYAML []byte

//go:embed schema.json
var schemaJSON []byte

// Default returns the policy that serves until a company applies its own:
// default.yaml, which documents every field.
func Default() []byte { return bytes.Clone(defaultYAML) }

// Schema returns the JSON Schema (2020-12) of the file.
func Schema() []byte { return bytes.Clone(schemaJSON) }

// VersionOf names the version that the text is: a hash of its bytes, so the
// same text is the same version everywhere.
func VersionOf(text []byte) Version {
	sum := sha256.Sum256(text)
	if bytes.Equal(text, defaultYAML) {
		return Version("default-" + hex.EncodeToString(sum[:4]))
	}
	return Version("p-" + hex.EncodeToString(sum[:6]))
}

// Decode reads a policy that was checked when it was applied. It ignores
// fields that it does not know, so that a function keeps working under a
// policy made for a newer release. Package check reads a policy that nobody
// has checked. Kind: Invalid.
func Decode(text []byte) (*Policy, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fault.New(fault.Invalid, "decode policy: it is empty")
	}
	p := new(Policy)
	if err := yaml.Unmarshal(text, p); err != nil {
		return nil, fault.New(fault.Invalid, "decode policy: %s", yaml.FormatError(err, false, false))
	}
	for _, pool := range p.Routing.Pools {
		for i := range pool.Reps {
			if pool.Reps[i].Weight == 0 {
				pool.Reps[i].Weight = 1
			}
		}
	}
	return p, nil
}

// MarshalText writes the duration without the zero units at its end: "1h30m",
// "4h", "0s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the duration as MarshalText does.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// UnmarshalText reads what time.ParseDuration reads. Kind: Invalid.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return fault.New(fault.Invalid, "%q is not a duration such as 30m, 4h or 1h30m", text)
	}
	*d = Duration(v)
	return nil
}
