package jsonschema

import (
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
	judged, refused := 0, 0
	for _, draft := range []string{"draft7", "draft2020-12"} {
		files, err := filepath.Glob("testdata/suite/" + draft + "/*.json")
		if err != nil || len(files) < 25 {
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
					if judged++; (problems == nil) != test.Valid {
						t.Errorf("%s: %v\n%s\n%s", name, problems, group.Schema, test.Data)
					}
				}
			}
		}
	}
	if judged != 1268 || refused != 203 {
		t.Errorf("%d cases are judged, %d are refused", judged, refused)
	}
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
