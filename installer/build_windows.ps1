# The Windows program and its MSI on a real Windows 10/11 (64 bits), from a clone of this repository:
#   powershell -ExecutionPolicy Bypass -File installer\build_windows.ps1 [-Thumbprint SHA1] [-TimestampUrl URL] [-Python PATH] [-Check]
#
# Needs: Python 3.13 (64 bits), on the path or named; WiX Toolset 3.14 (its folder in $env:WIX, as its installer leaves it); for -Thumbprint,
# signtool of the Windows SDK on the path and the certificate in the user's store. No administrator.
# Kept in UTF-8 with its mark (BOM): without it Windows PowerShell 5.1 reads the accents as cp1252.
# Not run by who wrote it: no Windows was reachable. docs/installation-windows.md says what was tried, under wine, and what was not.
param(
    [string]$Thumbprint = "",
    [string]$TimestampUrl = "",
    [string]$Python = "python",
    [switch]$Check
)
$ErrorActionPreference = "Stop"
Set-StrictMode -Version Latest
$Root = Split-Path -Parent $PSScriptRoot
$Work = Join-Path $Root "build\windows-native"
$Out = Join-Path $Root "dist"
$Program = Join-Path $Out "dmp-desktop"

function Invoke-Checked([string]$What, [scriptblock]$Command) {
    Write-Host "${What}..."
    & $Command
    if ($LASTEXITCODE -ne 0) { throw "${What} : échec ($LASTEXITCODE)" }
}

function Set-Signature([string]$File) {
    if (-not $Thumbprint) { return }
    $dated = @()
    if ($TimestampUrl) { $dated = @("/tr", $TimestampUrl, "/td", "sha256") }
    Invoke-Checked "Signature de $File" { & signtool sign /sha1 $Thumbprint /fd sha256 @dated /d "DMP Desktop" $File }
}

Push-Location $Root
try {
    New-Item -ItemType Directory -Force $Work, $Out | Out-Null
    Invoke-Checked "Programme (PyInstaller)" { & $Python run.py build --out $Out }
    Set-Signature (Join-Path $Program "dmp-desktop.exe")
    Set-Signature (Join-Path $Program "dmp.exe")

    # What it is made of and its hashes are told once the programs are signed: signing changes them.
    $Own = Join-Path $Root ".venv\Scripts\python.exe"
    $Source = Join-Path $Work "dmp-desktop.wxs"
    $Version = & $Own installer\windows\native.py $Program $Source
    if ($LASTEXITCODE -ne 0) { throw "Nomenclature et source du MSI : échec" }
    $Msi = Join-Path $Out "dmp-desktop-$Version.msi"
    $Wix = Join-Path $env:WIX "bin"
    $Object = Join-Path $Work "dmp-desktop.wixobj"
    Invoke-Checked "candle" { & (Join-Path $Wix "candle.exe") -nologo -arch x64 -out $Object $Source }
    # ICE38, 64, 91: files of a profile that is not the machine's, as a package for its user alone has them.
    Invoke-Checked "light" {
        & (Join-Path $Wix "light.exe") -nologo -sice:ICE38 -sice:ICE64 -sice:ICE91 -b $Out -out $Msi $Object
    }
    Set-Signature $Msi
    if ($Check) { & (Join-Path $PSScriptRoot "check_windows.ps1") -Msi $Msi }
    Write-Host $Msi
}
finally {
    Pop-Location
}
