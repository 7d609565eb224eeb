/* The least work that gives the same answer: add up the impacts of the query's postings, then
   take the best five, ties by position. The benchmark compiles it where a compiler is found. */
#include <stdint.h>

void search(const int64_t *starts, const int64_t *documents, const double *impacts, double *scores,
            int64_t size, const int64_t *terms, int64_t asked, int64_t limit, int64_t *best)
{
    for (int64_t at = 0; at < size; at++)
        scores[at] = 0.0;
    for (int64_t term = 0; term < asked; term++)
        for (int64_t at = starts[terms[term]]; at < starts[terms[term] + 1]; at++)
            scores[documents[at]] += impacts[at];
    double bar = 0.0; /* the least of the best so far */
    int64_t found = 0;
    for (int64_t at = 0; at < size; at++) {
        if (scores[at] <= bar)
            continue;
        int64_t place = found < limit ? found++ : limit - 1;
        while (place > 0 && scores[best[place - 1]] < scores[at]) {
            best[place] = best[place - 1];
            place--;
        }
        best[place] = at;
        if (found == limit)
            bar = scores[best[limit - 1]];
    }
    for (; found < limit; found++)
        best[found] = -1;
}
