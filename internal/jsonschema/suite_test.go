package jsonschema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The cases of the official test suite whose schemas are understood are judged as it says. What is not understood, such
// as references to other documents, is refused, never misjudged.
func TestOfficialSuite(t *testing.T) {
	t.Parallel()
	judgeSuite(t, understand, 1268, 203, "draft7", "draft2020-12")
}

// ParseLatest reads what 2020-12 has beside that.
func TestOfficialSuiteOfLatest(t *testing.T) {
	t.Parallel()
	judgeSuite(t, func(text json.RawMessage) (*Schema, error) {
		s, err := ParseLatest(text)
		if err == nil {
			err = s.LinkSelf()
		}
		if err == nil {
			err = s.UnderstoodLatest()
		}
		return s, err
	}, 974, 44, "draft2020-12", "latest")
}

func judgeSuite(t *testing.T, understand func(json.RawMessage) (*Schema, error), wantJudged, wantRefused int, folders ...string) {
	t.Helper()
	judged, refused := 0, 0
	for _, folder := range folders {
		files, err := filepath.Glob("testdata/suite/" + folder + "/*.json")
		if err != nil || len(files) < 7 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var groups []struct {
				Description string
				Schema      json.RawMessage
				Tests       []struct {
					Description string
					Data        json.RawMessage
					Valid       bool
				}
			}
			if err := json.Unmarshal(text, &groups); err != nil {
				t.Fatal(err)
			}
			for _, group := range groups {
				s, err := understand(group.Schema)
				if err != nil {
					refused += len(group.Tests)
					continue
				}
				for _, test := range group.Tests {
					name := strings.TrimPrefix(file, "testdata/suite/") + ": " + group.Description + ": " + test.Description
					problems, err := s.CheckJSON(test.Data)
					if err != nil {
						t.Fatal(err)
					}
					if judged++; (problems == nil) != test.Valid || s.Allows(decoded(t, test.Data)) != test.Valid {
						t.Errorf("%s: %v\n%s\n%s", name, problems, group.Schema, test.Data)
					}
				}
			}
		}
	}
	if judged != wantJudged || refused != wantRefused {
		t.Errorf("%d cases are judged, %d are refused", judged, refused)
	}
}

func decoded(t *testing.T, text json.RawMessage) (value any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func understand(text json.RawMessage) (*Schema, error) {
	s, err := Parse(text)
	if err == nil {
		err = s.LinkSelf()
	}
	if err == nil {
		err = s.Understood()
	}
	return s, err
}
