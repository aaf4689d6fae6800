#!/usr/bin/env python3
"""Instructions of a fused conversion and of its reference, counted by callgrind: a steady figure on any
machine. A pair that costs more than its bound fails; the bounds leave a third for other compilers.

    conversion_costs.py build/release/tests/conversion-costs
"""
import re
import subprocess
import sys

BOUNDS = {
    'text': 60, 'text-wco': 120, 'text-chinese': 60, 'code': 110, 'country': 110, 'integer': 165, 'money': 175,
    'money-zeros': 400, 'day': 350, 'moment': 400, 'moment-iso': 560,
}
TIMES = 2000


def instructions(program, case, times, way):
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program, case, str(times), way]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(re.search(r'Collected : (\d+)', run.stderr).group(1))


def main():
    program = sys.argv[1]
    cases = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    failed = set(BOUNDS) ^ set(cases)
    print('instructions a value   fused  reference   bound')
    for case in cases:
        # What only starting costs falls out, the same for each way; then the loop around it.
        start = instructions(program, case, 0, 'nothing')
        cost = {way: (instructions(program, case, TIMES, way) - start) / TIMES for way in ('fused', 'reference', 'nothing')}
        fused = cost['fused'] - cost['nothing']
        print(f"{case:20} {fused:8.0f} {cost['reference'] - cost['nothing']:10.0f} {BOUNDS.get(case, 0):7}")
        if fused > BOUNDS.get(case, 0):
            failed.add(case)
    for case in sorted(failed):
        print(f'{case}: too dear, or without a bound')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
