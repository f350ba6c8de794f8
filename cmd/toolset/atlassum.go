package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// An atlasSum is the file by which atlas sees that nobody has changed a migration: each line has the hash of all names
// and files up to there, the first that of all lines (ariga.io/atlas/sql/migrate, NewHashFile).
type atlasSum struct{ dir, path string }

// readAtlasSum refuses a directory whose files are not those of its atlas.sum: a new one would cover that up.
func readAtlasSum(dir string) (*atlasSum, error) {
	s := &atlasSum{dir, filepath.Join(dir, "atlas.sum")}
	had, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		files, err := s.files()
		if err != nil || len(files) == 0 {
			return s, err
		}
		return nil, fmt.Errorf("%s is missing beside %d files; run atlas migrate hash first", s.path, len(files))
	case err != nil:
		return nil, err
	}
	want, err := s.text()
	if err != nil {
		return nil, err
	}
	if string(had) != want {
		return nil, fmt.Errorf("%s does not fit the files: somebody has changed one; look, then run atlas migrate hash", s.path)
	}
	return s, nil
}

func (s *atlasSum) write() error {
	text, err := s.text()
	if err != nil {
		return err
	}
	return os.WriteFile(s.path, []byte(text), 0o644)
}

// files are the migrations in the order of atlas, that of their names.
func (s *atlasSum) files() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sql") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// ignored files count by their names only.
var ignored = regexp.MustCompile(`^[ -~]*atlas:sum +ignore(\s|$)`)

func (s *atlasSum) text() (string, error) {
	files, err := s.files()
	if err != nil {
		return "", err
	}
	each, all := sha256.New(), sha256.New()
	var lines strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return "", err
		}
		each.Write([]byte(name))
		if ignored.Match(text) {
			continue
		}
		each.Write(text)
		sum := base64Of(each)
		all.Write([]byte(name + sum))
		lines.WriteString(name + " h1:" + sum + "\n")
	}
	return "h1:" + base64Of(all) + "\n" + lines.String(), nil
}

func base64Of(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }
